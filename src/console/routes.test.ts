import { describe, expect, it } from "vitest"
import { ALL, hashOf, type Route, routeOf } from "./routes.ts"

const ROUTES: readonly Route[] = [
  { view: "shots", wanted: ALL, shot: null },
  { view: "shots", wanted: { ...ALL, query: "a b&c=#?", state: "failed", order: "name", isGrouped: true }, shot: null },
  { view: "shots", wanted: { ...ALL, prefix: "sh010/" }, shot: "id/with?odd#letters" },
  { view: "frame", bucket: "show", key: "a folder/100%/ß?#&/beauty.1001.exr" },
  { view: "operations" },
  { view: "frame", bucket: "show", key: "\u202egnp.exr" },
]

describe("the address of a view", () => {
  it.each(ROUTES)("leads back to it: %o", (route) => {
    expect(routeOf(hashOf(route))).toEqual(route)
  })

  it.each(["", "#", "#/nowhere", "#/frame", "#/frame/bucket", "#/frame//key", "#/shot/", "#/%E0%A4%A"])(
    "that leads nowhere leads to all shots: %s",
    (hash) => {
      expect(routeOf(hash)).toEqual({ view: "shots", wanted: ALL, shot: null })
    },
  )
})
