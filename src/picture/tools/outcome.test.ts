import { describe, expect, it } from "vitest"
import { complaint, type Ending, failureOf } from "./outcome.ts"

const context = { tool: "oiiotool", folder: "/scratch/job-7", timeoutMs: 20_000, memoryLimitBytes: 2 ** 30 }
const ending = (part: Partial<Ending>): Ending => ({ code: 0, signal: null, killedFor: null, stderr: "", ...part })

describe("the outcome of a tool", () => {
  it.each([
    ["a clean exit is no failure", ending({}), undefined],
    ["an exit code is a refusal", ending({ code: 1, stderr: "oiiotool ERROR: bad magic" }), "tool/failed"],
    ["a signal is a crash", ending({ code: null, signal: "SIGSEGV" }), "tool/crashed"],
    ["an abort after bad_alloc is lack of memory", bad("SIGABRT"), "tool/out-of-memory"],
    ["a kill that was not ours is the kernel's lack of memory", killed("SIGKILL"), "tool/out-of-memory"],
    [
      "our own kill is the time limit",
      ending({ code: null, signal: "SIGKILL", killedFor: "timeout" }),
      "tool/timed-out",
    ],
    ["the CPU limit is the time limit", killed("SIGXCPU"), "tool/timed-out"],
    ["a drain is no failure of the file", ending({ code: null, signal: "SIGKILL", killedFor: "stop" }), "stopped"],
    ["a full disk is no failure of the file", ending({ code: 228, stderr: "No space left on device" }), "scratch/full"],
    ["a clean exit that lost channels is a failure", ending({ stderr: lostChannel }), "tool/failed"],
  ])("%s", (_, end, code) => {
    expect(failureOf(end, context)?.code).toBe(code)
  })

  it("says what the tool complained about, without paths, command lines or control characters", () => {
    const stderr = [
      'oiiotool ERROR: read : "/scratch/job-7/shown.exr": broken\u0007 chunk',
      "Full command line was:",
      "> /opt/site/bin/oiiotool --colorconfig /etc/site/secret.ocio source.exr",
    ].join("\n")
    expect(complaint(stderr, context)).toBe("broken  chunk")
    expect(complaint("cannot open /srv/artist/show/a.exr", context)).toBe("cannot open a.exr")
  })
})

const lostChannel = 'oiiotool WARNING: -ch : Unknown channel name "Q", filling with 0'
const killed = (signal: NodeJS.Signals): Ending => ending({ code: null, signal })
function bad(signal: NodeJS.Signals): Ending {
  return ending({ code: null, signal, stderr: "terminate called after throwing an instance of 'std::bad_alloc'" })
}
