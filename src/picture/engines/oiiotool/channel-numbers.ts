import { done, failed, failure, type Result } from "../../../events/result.ts"
import type { ToolOutput } from "../../tools/run-tool.ts"
import { isPlainChannelName, type PicturePlan } from "../plan.ts"
import { channelListArgs } from "./oiiotool-args.ts"

/**
 * The plan with the numbers of the shown channels where oiiotool would misread their names; unchanged for plain names.
 * oiiotool orders a part's channels in its own way, so it is asked. Fails: picture/unsupported, and like `oiiotool`.
 */
export async function toldChannels(
  plan: PicturePlan,
  source: string,
  oiiotool: (args: readonly string[]) => Promise<Result<ToolOutput>>,
): Promise<Result<PicturePlan>> {
  const { channels, part } = plan.selection
  const odd = channels.find((name) => !isPlainChannelName(name))
  if (odd === undefined) return done(plan)
  const listed = await oiiotool(channelListArgs(plan, source))
  if (!listed.ok) return listed
  const names = listedChannels(listed.value.stdout)[part] ?? []
  const channelNumbers = channels.map((name) => names.indexOf(name))
  if (!channelNumbers.includes(-1)) return done({ ...plan, channelNumbers })
  const says = `oiiotool cannot be told the channel ${JSON.stringify(odd)}, and does not list it either.`
  return failed(failure("picture/unsupported", says))
}

/** Names of each part's channels in oiiotool's description of a file (`--info:format=xml`). */
export const listedChannels = (xml: string): readonly (readonly string[])[] =>
  [...xml.matchAll(/<channelnames>(.*?)<\/channelnames>/gs)].map(([, list = ""]) =>
    [...list.matchAll(/<channelname>(.*?)<\/channelname>/gs)].map(([, name = ""]) => unescaped(name)),
  )

const ENTITIES: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" }

const unescaped = (text: string): string =>
  text.replace(/&(?:#(\d+)|(\w+));/g, (whole, code: string | undefined, name: string | undefined) =>
    code === undefined ? (ENTITIES[name ?? ""] ?? whole) : String.fromCodePoint(Number(code)),
  )
