// Where in the console somebody is, as the part of the address behind #.

export type Order = "newest" | "name"

/** What the grid shows. */
export type Wanted = {
  readonly query: string
  /** Empty for all. */
  readonly state: string
  readonly order: Order
  readonly prefix: string
  readonly isGrouped: boolean
}

export type Route =
  | { readonly view: "shots"; readonly wanted: Wanted; readonly shot: string | null }
  | { readonly view: "frame"; readonly bucket: string; readonly key: string }
  | { readonly view: "operations" }

/** Goes elsewhere; what is typed into a filter is no step to go back to. */
export type Go = (to: Route, isStep?: boolean) => void

export const ALL: Wanted = { query: "", state: "", order: "newest", prefix: "", isGrouped: false }

/** `#/frame/bucket/key`; whatever leads nowhere leads to all shots. */
export function routeOf(hash: string): Route {
  const [path = "", search = ""] = hash.replace(/^#\/?/, "").split("?", 2)
  const [view, ...rest] = path.split("/").map(decoded)
  if (view === "operations") return { view }
  const [first = "", ...further] = rest
  if (view === "frame" && first !== "" && further.length > 0) return { view, bucket: first, key: further.join("/") }
  return { view: "shots", wanted: wantedOf(search), shot: view === "shot" && first !== "" ? first : null }
}

export function hashOf(route: Route): string {
  if (route.view === "operations") return "#/operations"
  if (route.view === "frame")
    return `#/frame/${[route.bucket, ...route.key.split("/")].map(encodeURIComponent).join("/")}`
  const search = searchOf(route.wanted)
  const path = route.shot === null ? "" : `shot/${encodeURIComponent(route.shot)}`
  return `#/${path}${search === "" ? "" : `?${search}`}`
}

function decoded(step: string): string {
  try {
    return decodeURIComponent(step)
  } catch (error) {
    if (!(error instanceof URIError)) throw error
    return step
  }
}

function wantedOf(search: string): Wanted {
  const of = new URLSearchParams(search)
  return {
    query: of.get("q") ?? "",
    state: of.get("state") ?? "",
    order: of.get("order") === "name" ? "name" : "newest",
    prefix: of.get("prefix") ?? "",
    isGrouped: of.get("group") === "folder",
  }
}

function searchOf({ query, state, order, prefix, isGrouped }: Wanted): string {
  const named = { q: query, state, order: order === "newest" ? "" : order, prefix, group: isGrouped ? "folder" : "" }
  return new URLSearchParams(Object.entries(named).filter(([, value]) => value !== "")).toString()
}
