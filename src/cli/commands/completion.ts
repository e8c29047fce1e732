import type { Call, Command, Ending } from "../command.ts"
import { GROUP_SUMMARIES, PROGRAM } from "../program.ts"
import { badUsage } from "../terminal/io.ts"
import { completionScript, SHELLS, type Shell } from "../views/completion.ts"
import { documented } from "../views/manual.ts"

const isShell = (text: string | undefined): text is Shell => SHELLS.some((shell) => shell === text)

async function run({ args, io, commands }: Call): Promise<Ending> {
  const [shell] = args
  if (!isShell(shell)) return badUsage(io, `${shell} is no shell that is known here: name one of ${SHELLS.join(", ")}.`)
  io.stdout.write(completionScript(shell, await documented(commands), { program: PROGRAM, groups: GROUP_SUMMARIES }))
  return 0
}

export const completion: Command = {
  details:
    "The script knows every command, its flags and the words that they take. bash: source <(oiio-proxy-generator completion bash) in ~/.bashrc. zsh: the same with zsh in ~/.zshrc, after compinit. fish: oiio-proxy-generator completion fish > ~/.config/fish/completions/oiio-proxy-generator.fish. The manual page comes with the package: man oiio-proxy-generator where npm installed it globally.",
  parameters: [{ syntax: "<shell>", says: `one of ${SHELLS.join(", ")}`, choices: SHELLS }],
  examples: [
    ["completion bash > /etc/bash_completion.d/oiio-proxy-generator", "for everybody on a machine"],
    ["completion zsh", "shows the script for zsh"],
  ],
  run,
}
