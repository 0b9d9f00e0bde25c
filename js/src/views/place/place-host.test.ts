import { expect, test } from "vitest";
import { type PlaceHost, standingOf } from "./place-host";

const HOST = { lacks: (area) => (area === "tab" ? "has no tabs" : "") } as PlaceHost;

test("a view that is wanted where the front end has no place stays where it is", () => {
  expect(standingOf("cell", "tab", HOST)).toEqual({ place: "cell", reason: "has no tabs" });
  expect(standingOf("cell", "panel", HOST)).toEqual({ place: "panel", reason: "" });
  expect(standingOf("float", "panel", undefined).place).toBe("float");
  expect(standingOf("cell", "float", undefined)).toEqual({ place: "float", reason: "" });
});
