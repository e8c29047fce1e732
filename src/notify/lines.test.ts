import { notificationsContract, type Received } from "./contract.ts"
import { openLineNotifications } from "./lines.ts"

const receivedLine = (line: string): Received => {
  const value = JSON.parse(line) as { readonly type: string }
  return { channel: value.type === "proxy.generated" ? "proxy" : "completion", key: null, value }
}

notificationsContract(
  "lines",
  async () => {
    const lines: string[] = []
    let isBroken = false
    const sink = {
      write: async (text: string) => {
        if (isBroken) throw new Error("no space left on device")
        lines.push(...text.split("\n").filter((line) => line !== ""))
      },
      close: async () => undefined,
    }
    return {
      notifications: openLineNotifications(sink),
      received: async (count) => lines.slice(0, count).map(receivedLine),
      breakDown: async () => {
        isBroken = true
        return async () => {
          isBroken = false
        }
      },
      dispose: async () => undefined,
    }
  },
  { keys: "no keys" },
)
