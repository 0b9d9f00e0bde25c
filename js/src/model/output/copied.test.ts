import { expect, test } from "vitest";
import { copied } from "./copied";
import { momentText } from "./times";

const AT = new Date(2026, 11, 1, 7, 5, 9);
const ORIGIN = { name: "web-1", stream: "stdout", at: AT };
const HEAD = `\`web-1\` stdout, ${momentText(AT)}`;

test("as text the lines are as they are", () => {
  expect(copied(["a `b`", "", "\tc"], "text", ORIGIN)).toBe("a `b`\n\n\tc");
});

test("as Markdown they are a block of code, below what they are of", () => {
  expect(copied(["a", "b"], "markdown", ORIGIN)).toBe(`${HEAD}\n\n\`\`\`text\na\nb\n\`\`\`\n`);
});

test("no line ends the block", () => {
  const lines = ["```", "````` ![](http://a.example/x.png)"];
  const text = copied(lines, "markdown", ORIGIN).split("\n");
  expect([text[2], text.at(-2)]).toEqual(["``````text", "``````"]);
});

test("as a quotation each line is code in it", () => {
  expect(copied(["a", "", "![](http://a.example/x.png)"], "quote", ORIGIN)).toBe(
    `> ${HEAD}\n>\n>     a\n>\n>     ![](http://a.example/x.png)\n`,
  );
});

test("a name is code, too", () => {
  const head = (name: string) => copied([], "quote", { ...ORIGIN, name }).split(" stdout")[0];
  expect(head("<b>*x*</b>")).toBe("> `<b>*x*</b>`");
  expect(head("a`b\n# c")).toBe("> ``a`b # c``");
  expect(head("`")).toBe("> `` ` ``");
});
