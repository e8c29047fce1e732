import { loadConfig } from "../../config/index.ts"
import { checkTools } from "../../deployment/checks.ts"
import { defaultStateFolder } from "../../deployment/state-folder.ts"
import { setUpTools, type ToolsPlace, toolsPlace } from "../../deployment/tool-set-up.ts"
import type { Call, Command, Ending } from "../command.ts"
import { giveUp } from "../terminal/io.ts"
import { endWithChecks } from "./doctor.ts"

async function run(call: Call): Promise<Ending> {
  const { io, env, cwd, flags, options, interrupts } = call
  const settings = loadConfig({ flags, env, cwd, defaultStateDir: defaultStateFolder(cwd, env) })
  if (!settings.ok) return giveUp(io, settings.failure)
  const place = await toolsPlace(env)
  if (!place.ok) return giveUp(io, place.failure)
  if (options.print === true) {
    io.stdout.write(planText(place.value))
    return 0
  }
  if (options.check !== true) {
    const say = (text: string): void => void io.stderr.write(text)
    const code = await setUpTools(place.value, { env, say, stop: interrupts.drain })
    if (code === null) return "stopped"
    if (code !== 0) return 3
  }
  return endWithChecks(call, await checkTools(call, settings.value))
}

const planText = ({ folder, wheels, requirements, script, args }: ToolsPlace): string =>
  [
    `folder   ${folder}`,
    ...wheels.map((wheel) => `wheel    ${wheel}`),
    `sums     ${requirements}`,
    `command  bash ${[script, ...args].join(" ")}`,
    "",
  ].join("\n")

export const setup: Command = {
  details:
    "oiiotool, ffmpeg and a font are pinned wheels, compared with checksums, which pip fetches: a mirror, a proxy and certificates are those of its own settings (PIP_INDEX_URL, HTTPS_PROXY, PIP_CERT, pip.conf). Where a compiler and the headers of libtiff, libjpeg-turbo and x264 are, the native library is compiled as well, which makes frames two to four times faster; where not, it says what is missing. All goes into oiio-proxy-generator/ in the user's cache ($XDG_CACHE_HOME, else ~/.cache), in a checkout into vendor/; `run`, the services and `doctor` look there. Nothing else on the machine is changed. It can be repeated and interrupted at any moment; what is there already is left alone.",
  options: [
    { syntax: "--check", says: "install nothing: say what is there and what is missing (then exit code 3)" },
    { syntax: "--print", says: "install nothing: say what would be fetched, where it would go, and by which command" },
    { syntax: "--json", says: "what is there as one JSON object a line" },
  ],
  settings: ["tools", "colour"],
  examples: [
    ["setup", "once after npm install, and after an update"],
    ["setup --check", "exit code 3 when something is missing"],
    ["setup --print", "for whoever mirrors the wheels, or installs the tools in another way"],
  ],
  run,
}
