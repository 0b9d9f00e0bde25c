import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { StatsModel } from "./stats-model";
import { recorder, row, STATUS, statsNews } from "./watch-bench";
import { HELLO_RETRY } from "./watch-model";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function watching() {
  const port = recorder();
  const model = new StatsModel(port, STATUS);
  const view = {};
  model.setSeen(view, true);
  return { port, model, view };
}

test("the first view that is seen says hello, and what is shown is acknowledged", () => {
  const { port, model } = watching();
  expect(port.sent).toEqual([{ type: "hello", page: model.page, have: 0 }]);
  model.receive(statsNews(model.page, 1, { rows: [row("a", [[1, 0, 1, 1]])] }));
  expect(port.sent[1]).toEqual({ type: "ack", page: model.page, seq: 1 });
  expect(model.heard).toBe(true);
});

test("what no view shows is not acknowledged, and the next view asks for what is newer", () => {
  const { port, model, view } = watching();
  model.receive(statsNews(model.page, 1, {}));
  model.setSeen(view, false);
  model.receive(statsNews(model.page, 2, {}));
  expect(port.sent).toHaveLength(2);
  model.setSeen({}, true);
  expect(port.sent[2]).toEqual({ type: "hello", page: model.page, have: 2 });
});

test("a second view asks for nothing: it shows what the page has", () => {
  const { port, model } = watching();
  model.setSeen({}, true);
  expect(port.sent).toHaveLength(1);
});

test("news of another page are ignored", () => {
  const { port, model } = watching();
  model.receive(statsNews("another", 1, { rows: [row("a")] }));
  expect([port.sent.length, model.rows.size, model.heard]).toEqual([1, 0, false]);
});

test("after a loss the page says what it has", () => {
  const { port, model } = watching();
  model.receive(statsNews(model.page, 1, {}));
  model.receive(statsNews(model.page, 5, { rows: [row("a")] }));
  expect(port.sent.at(-1)).toEqual({ type: "hello", page: model.page, have: 1 });
  expect(model.rows.size).toBe(0);
});

test("a hello without an answer is repeated as long as a view is seen", () => {
  const { port, model, view } = watching();
  expect(model.unanswered).toBe(false);
  vi.advanceTimersByTime(HELLO_RETRY);
  expect(port.sent).toHaveLength(2);
  expect(model.unanswered).toBe(true);
  model.setSeen(view, false);
  vi.advanceTimersByTime(10 * HELLO_RETRY);
  expect(port.sent).toHaveLength(2);
});

test("an answered hello is not repeated", () => {
  const { port, model } = watching();
  model.receive(statsNews(model.page, 0, {}));
  vi.advanceTimersByTime(10 * HELLO_RETRY);
  expect(port.sent.filter(({ type }) => type === "hello")).toHaveLength(1);
});

test("stop is one message, and lasts until the kernel has done it", () => {
  const { port, model } = watching();
  model.stop();
  expect(port.sent.at(-1)).toEqual({ type: "stop", page: model.page });
  expect([model.stopping, model.over]).toEqual([true, false]);
  model.status = { ...STATUS, state: "stopped" };
  expect([model.stopping, model.over]).toEqual([false, true]);
});

test("listeners hear of news, of a new status, and of a kernel that is gone", () => {
  const { model } = watching();
  const heard = vi.fn();
  const end = model.onChange(heard);
  model.receive(statsNews(model.page, 1, {}));
  model.status = { ...STATUS, state: "gone" };
  model.kernelEnd = "shut down";
  expect(heard).toHaveBeenCalledTimes(3);
  end();
  model.kernelEnd = "";
  expect(heard).toHaveBeenCalledTimes(3);
});

test("a closed model says and takes nothing", () => {
  const { port, model } = watching();
  model.close();
  model.hello();
  model.receive(statsNews(model.page, 1, { rows: [row("a")] }));
  vi.advanceTimersByTime(10 * HELLO_RETRY);
  expect([port.sent.length, model.rows.size]).toEqual([1, 0]);
});

test("a kernel that was restarted takes no message, and nothing is sent to one that was shut down", () => {
  const { port, model } = watching();
  const { send } = port;
  port.send = () => {
    throw new Error("the comm is closed");
  };
  model.hello();
  expect(model.kernelEnd).toBe("restarted");
  model.kernelEnd = "shut down";
  port.send = send;
  model.hello();
  vi.advanceTimersByTime(10 * HELLO_RETRY);
  expect([model.kernelEnd, port.sent.length]).toEqual(["shut down", 1]);
});

test("a comm that takes messages again has its kernel", () => {
  const { port, model } = watching();
  const { send } = port;
  port.send = () => {
    throw new Error("the comm is closed");
  };
  model.stop();
  port.send = send;
  model.hello();
  expect([model.kernelEnd, port.sent.at(-1)?.type]).toEqual(["", "hello"]);
});
