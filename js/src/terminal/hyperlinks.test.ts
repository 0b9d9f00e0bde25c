import { expect, test } from "vitest";
import { addresses } from "./hyperlinks";

test("addresses are found in text, without what ends the sentence, each once", () => {
  const lines = [
    "see http://one.test/a.",
    "(https://two.test/?q=1) and http://one.test/a",
    "ftp://no.test",
  ];
  expect(addresses(lines)).toEqual(["https://two.test/?q=1", "http://one.test/a"]);
});
