import { Type } from "typebox"
import { REFUSALS } from "../refusal.ts"
import { API, type RouteGroup } from "../serving.ts"

const Me = Type.Object({
  user: Type.String({ description: "What facts that are written now would name." }),
  roles: Type.Array(Type.Enum(["read", "write"])),
  authenticated_by: Type.Enum(["loopback", "token", "proxy"]),
  read_only: Type.Union([Type.String(), Type.Null()], {
    description: "Why nothing can be written here, whatever the roles; null where it can.",
  }),
})

/** Who asks, and what they may. */
export const me: RouteGroup = (app, { ports }) => {
  const schema = {
    tags: ["access"],
    summary: "Who asks, and what they may",
    response: { 200: Me, ...REFUSALS },
  }
  app.get(`${API}/me`, { schema }, async ({ visitor }) => ({
    user: visitor?.user ?? "",
    roles: [...(visitor?.roles ?? [])],
    authenticated_by: visitor?.authenticatedBy ?? "loopback",
    read_only: ports.opened().readOnly,
  }))
}
