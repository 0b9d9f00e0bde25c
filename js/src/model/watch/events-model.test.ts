import { expect, test } from "vitest";
import { choices, EVERYTHING, EventsModel, KEPT, kindOf, matcher } from "./events-model";
import { event, eventsNews, recorder, STATUS } from "./watch-bench";

test("events are kept in order, once each, and the oldest go", () => {
  const model = new EventsModel(recorder(), STATUS);
  const all = Array.from({ length: KEPT + 5 }, (_, n) => event(n + 1));
  model.receive(eventsNews(model.page, all.slice(0, 10)));
  model.receive(eventsNews(model.page, all, { after: 0 }));
  expect(model.events).toHaveLength(KEPT);
  expect([model.events[0]?.number, model.events.at(-1)?.number]).toEqual([6, KEPT + 5]);
  expect(model.dropped).toBe(5);
});

test("after a gap the events before it count as not kept", () => {
  const model = new EventsModel(recorder(), STATUS);
  model.receive(eventsNews(model.page, [event(1), event(2)]));
  model.receive(eventsNews(model.page, [event(3)], { after: 2 }));
  expect(model.events).toHaveLength(3);
  model.receive(eventsNews(model.page, [event(7), event(8)], { after: 3 }));
  expect(model.events.map(({ number }) => number)).toEqual([7, 8]);
  expect(model.dropped).toBe(6);
  model.receive(eventsNews(model.page, [], { after: 8 }));
  expect(model.events).toHaveLength(2);
});

const DIE = event(1, { action: "die", name: "db", attributes: [["exitCode", "137"]] });
const EXEC = event(2, { action: "exec_start: sh -c 'echo Hi'", name: "web" });
const PULL = event(3, { type: "image", action: "pull", name: "redis:7", attributes: [] });
const ALL = [DIE, EXEC, PULL];

test.each([
  [{}, [1, 2, 3]],
  [{ text: "  " }, [1, 2, 3]],
  [{ text: "ECHO hi" }, [2]],
  [{ text: "exitcode=137" }, [1]],
  [{ text: "f00d3" }, [3]],
  [{ text: "web db" }, []],
  [{ type: "image" }, [3]],
  [{ action: "exec_start" }, [2]],
  [{ type: "container", action: "die", text: "db" }, [1]],
  [{ type: "image", action: "die" }, []],
])("%j shows %j", (chosen, numbers) => {
  const shown = ALL.filter(matcher({ ...EVERYTHING, ...chosen }));
  expect(shown.map(({ number }) => number)).toEqual(numbers);
});

test("the choices are what has come, each once", () => {
  expect(choices([...ALL, DIE], ({ type }) => type)).toEqual(["container", "image"]);
  expect(choices(ALL, ({ action }) => kindOf(action))).toEqual(["die", "exec_start", "pull"]);
});
