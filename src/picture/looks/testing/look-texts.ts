/** Look files as people write them. */
export type Cdl = {
  readonly slope: readonly number[]
  readonly offset: readonly number[]
  readonly power: readonly number[]
  readonly saturation: number
}

export const CDL: Cdl = {
  slope: [1.15, 0.95, 0.9],
  offset: [-0.03, 0.01, 0.04],
  power: [1.1, 0.9, 1.2],
  saturation: 0.7,
}

export const NEUTRAL: Cdl = { slope: [1, 1, 1], offset: [0, 0, 0], power: [1, 1, 1], saturation: 1 }

const sop = ({ slope, offset, power }: Cdl): string =>
  `<SOPNode><Slope>${slope.join(" ")}</Slope><Offset>${offset.join(" ")}</Offset><Power>${power.join(" ")}</Power></SOPNode>`

const sat = ({ saturation }: Cdl): string => `<SatNode><Saturation>${saturation}</Saturation></SatNode>`

const correction = (cdl: Cdl, id: string | null): string =>
  `<ColorCorrection${id === null ? "" : ` id="${id}"`}>${sop(cdl)}${sat(cdl)}</ColorCorrection>`

export const ccText = (cdl: Cdl): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<ColorCorrection id="sh010" xmlns="urn:ASC:CDL:v1.2">${sop(cdl)}${sat(cdl)}</ColorCorrection>\n`

/** A collection; an id of null is left out. */
export const cccText = (...corrections: readonly (readonly [string | null, Cdl])[]): string =>
  `<?xml version="1.0"?>\n<ColorCorrectionCollection xmlns="urn:ASC:CDL:v1.2">${corrections.map(([id, cdl]) => correction(cdl, id)).join("\n")}</ColorCorrectionCollection>\n`

export const cdlText = (cdl: Cdl): string =>
  `<ColorDecisionList xmlns="urn:ASC:CDL:v1.01"><ColorDecision>${correction(cdl, "one")}</ColorDecision></ColorDecisionList>\n`

type Colour = readonly [number, number, number]

/** What a CDL makes of a colour, by the ASC's formulas, without its clamps. */
export function graded(cdl: Cdl, colour: Colour): Colour {
  const toned = colour.map((value, c) => {
    const lifted = value * (cdl.slope[c] ?? 1) + (cdl.offset[c] ?? 0)
    return lifted < 0 ? lifted : lifted ** (cdl.power[c] ?? 1)
  })
  const [r = 0, g = 0, b = 0] = toned
  const luma = 0.2126 * r + 0.7152 * g + 0.0722 * b
  const saturated = toned.map((value) => luma + cdl.saturation * (value - luma))
  return saturated as unknown as Colour
}

/** A 3D table of `side` points a side over [from, to], red fastest. */
export function cubeText(side: number, table: (colour: Colour) => Colour, head: readonly string[] = []): string {
  const at = (point: number): number => point / (side - 1)
  const rows: string[] = []
  for (let b = 0; b < side; b++)
    for (let g = 0; g < side; g++)
      for (let r = 0; r < side; r++)
        rows.push(
          table([at(r), at(g), at(b)])
            .map((one) => one.toFixed(7))
            .join(" "),
        )
  return [...head, `LUT_3D_SIZE ${side}`, ...rows, ""].join("\n")
}

const AMF_ID = "urn:ampas:aces:transformId:v1.5"

export const amfCdl = (cdl: Cdl, space = "ACEScct", applied = "false"): string => `
  <aces:lookTransform applied="${applied}">
    <aces:description>primary grade</aces:description>
    <aces:cdlWorkingSpace>
      <aces:toCdlWorkingSpace><aces:transformId>${AMF_ID}:ACEScsc.Academy.ACES_to_${space}.a1.0.3</aces:transformId></aces:toCdlWorkingSpace>
      <aces:fromCdlWorkingSpace><aces:transformId>${AMF_ID}:ACEScsc.Academy.${space}_to_ACES.a1.0.3</aces:transformId></aces:fromCdlWorkingSpace>
    </aces:cdlWorkingSpace>
    <cdl:SOPNode><cdl:Slope>${cdl.slope.join(" ")}</cdl:Slope><cdl:Offset>${cdl.offset.join(" ")}</cdl:Offset><cdl:Power>${cdl.power.join(" ")}</cdl:Power></cdl:SOPNode>
    <cdl:SatNode><cdl:Saturation>${cdl.saturation}</cdl:Saturation></cdl:SatNode>
  </aces:lookTransform>`

export const amfFile = (reference: string): string =>
  `<aces:lookTransform applied="false"><aces:file>${reference}</aces:file></aces:lookTransform>`

export const amfInput = (id: string, applied = "false"): string =>
  `<aces:inputTransform applied="${applied}"><aces:transformId>${id}</aces:transformId></aces:inputTransform>`

export const amfText = (pipeline: string, version = "1.0"): string => `<?xml version="1.0" encoding="UTF-8"?>
<aces:acesMetadataFile xmlns:aces="urn:ampas:aces:amf:v${version}" xmlns:cdl="urn:ASC:CDL:v1.01" version="${version}">
<aces:amfInfo><aces:dateTime><aces:creationDateTime>2026-01-01T00:00:00Z</aces:creationDateTime></aces:dateTime></aces:amfInfo>
<aces:pipeline><aces:pipelineInfo/>${pipeline}
<aces:outputTransform><aces:transformId>${AMF_ID}:ODT.Academy.Rec709_100nits_dim.a1.0.3</aces:transformId></aces:outputTransform>
</aces:pipeline></aces:acesMetadataFile>
`
