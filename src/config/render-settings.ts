import { furtherOutputs } from "../element/profiles.ts"
import type { ColourSettings, RenderSettings } from "../picture/index.ts"
import { choiceFor } from "./picture-rules.ts"
import { ruleFor } from "./rules.ts"
import { statedOf } from "./stated-sequences.ts"
import type { Config } from "./table.ts"

/** Colour settings of one object: the first rule that matches its bucket and key, over the settings for all. */
export function colourSettingsFor(config: Config, bucket: string, key: string): ColourSettings {
  const rule = ruleFor(config.colourRules, bucket, key)
  const read = rule?.lookFile?.read ?? null
  return {
    inputSpace: rule?.inputSpace ?? read?.inputSpace ?? null,
    look: rule?.look ?? config.look,
    cameraTokens: config.cameraTokens,
    ...(read !== null && { lookFile: read.look }),
  }
}

/** Everything that decides what one object's pictures look like; part of their renderKey. */
export function renderSettingsFor(config: Config, bucket: string, key: string): RenderSettings {
  const choice = choiceFor(config, bucket, key)
  const further = furtherOutputs(config, config.spaceharbor)
  return {
    ...plainSettingsFor(config, bucket, key),
    ...(choice && { choice }),
    ...(further.length > 0 && { furtherOutputs: further }),
    ...(config.spaceharbor && { metadataFile: true }),
  }
}

const plainSettingsFor = (config: Config, bucket: string, key: string): RenderSettings => ({
  colour: colourSettingsFor(config, bucket, key),
  thumbnailEdgePx: config.thumbnailEdgePx,
  thumbnailQuality: config.thumbnailQuality,
  proxyWidthPx: config.proxyWidthPx,
  proxyHeightPx: config.proxyHeightPx,
  proxyCrf: config.proxyCrf,
  proxyPreset: config.proxyPreset,
  stillHoldFrames: config.stillHoldFrames,
  defaultFrameRate: statedOf(config.sequenceStated, bucket, key).rate ?? config.defaultFrameRate,
})
