import { deflateRawSync, inflateRawSync } from "node:zlib"

/** Details as values of object metadata: JSON, deflated, as base64. */

/** S3 takes 2 KB of user metadata; the rest is room for the short entries and their names. */
const MOST_BYTES = 1470
const MOST_INFLATED_BYTES = 64 * 1024

/**
 * What details mostly say, for those that are too long without it: a text that stands here costs two or three bytes. Outputs
 * that were written with it can be read with it alone: not a letter of it may ever change. Another one needs another name.
 */
const WORDS = Buffer.from(
  [
    '"layer":"beauty","view":"left","partName":"rgba","deep":true,"compression":"none","zips","dwab","format":"dpx","tiff"',
    "The header states no usable colour space: an EXR without chromaticities has Rec.709 primaries.",
    "The header's chromaticities () are those of lin_rec2020 ACEScg acescg ACES2065-1 srgb rec709_video g24_rec709_tx",
    "The DPX transfer is 0 (user-defined): shown as Rec.709 video, the safe default.chromaticitiesmetadatadisplay",
    "The TIFF has uint16 samples and no ICC profile: sRGB.tiff-samples",
    'samples were not finite and are shown as black."Another source of the same name holds _thumb.jpg, so the outputs carry the full file name.',
    '{"selection":{"format":"exr","compression":"zip","part":0,"partName":null,"view":null,"layer":null,"channels":["R","G","B"],',
    '"reason":"Shows R, G, B (the colour channels) of part 0 view , the hero view.","deep":false,"tiled":false,',
    '"displayWindow":{"xMin":0,"yMin":0,"xMax":2047,"yMax":1555},"dataWindow":{"xMin":0,"yMin":0,"xMax":4095,"yMax":2159},',
    '"pixelAspect":1,"orientation":1,"frameRate":{"num":24000,"den":1001},"frameRate":null,"timecode":"01:00:00:00","timecode":null},',
    '"colorspace":{"name":"lin_rec709","configSpace":"lin_rec709","encoding":"scene-linear","matrix":[],"rule":"default","evidence":"",',
    '"look":"un-tone-mapped","configHash":"cd0f54da43f3a63c"},"generatedAtUs":1795,"logicalTimeMs":1795,"contentHash":"","pictureKey":"",',
    '"depth":"half","float","uint16","uint10","allChannels":"A,B,G,R,Z",',
    '"thumbnail":{"key":".proxies/_thumb.jpg","bucket":null,"contentType":"image/jpeg","colorspace":"sRGB","width":256,"height":256,',
    '"sizeBytes":,"pictureX":0,"pictureY":60,"pictureWidth":256,"pictureHeight":144},',
    '"proxy":{"key":"_proxy.mp4","bucket":null,"contentType":"video/mp4","colorspace":"Rec709","width":1920,"height":1080,',
    '"sizeBytes":,"pictureX":0,"pictureY":46,"pictureWidth":1920,"pictureHeight":1080},"route":"in-process/exr-zip","recipe":6,',
    '"toolVersions":{"openexr":"3.5.3","x264":"0.164.3095 baee400","libjpeg-turbo":"2.1.5"},',
    '"timingsMs":{"fetch":,"read":,"decode":,"pixels":,"h264":,"jpeg":},"nonFiniteCount":0,"allBlack":false,"nearlyBlack":false,',
    '"thumbnailHash":"","warnings":[],"processingTimeSeconds":0.,"generatorVersion":"3.0.0-alpha.1","copied":false,',
    '"furtherOutputs":[{"name":"preview","isNotified":true,"output":{"key":"_preview.jpg","bucket":null,"contentType":"image/jpeg",',
    '"colorspace":"sRGB","width":,"height":,"sizeBytes":,"pictureX":0,"pictureY":0,"pictureWidth":,"pictureHeight":}},',
    '{"name":"still","isNotified":false,"output":{"key":"_proxy.jpg","bucket":null,"contentType":"image/jpeg","colorspace":"sRGB",',
    '{"name":"metadata","isNotified":false,"output":{"bucket":null,"colorspace":"","width":0,"height":0,"pictureX":0,"pictureY":0,',
    '"pictureWidth":0,"pictureHeight":0,"key":"_metadata.json","contentType":"application/json","sizeBytes":}}],"contentSha256":""}',
  ].join(""),
)

/** Name of the entry that is read without the words, and of the one that is read with them. */
const NAMES = { plain: "made", withWords: "made-1" } as const

type Entries = Readonly<Record<string, string>>

/** The entry that holds this JSON: without the words wherever it fits, as every version reads it; none where it is too long. */
export function packed(json: string): Entries {
  const plain = deflateRawSync(json, { level: 9 }).toString("base64")
  if (plain.length <= MOST_BYTES) return { [NAMES.plain]: plain }
  const brief = deflateRawSync(json, { level: 9, dictionary: WORDS }).toString("base64")
  return brief.length <= MOST_BYTES ? { [NAMES.withWords]: brief } : {}
}

/** What of object metadata holds the details, as it stands there; null where nothing does. */
export function packedIn(metadata: Entries): Entries | null {
  for (const name of Object.values(NAMES)) {
    const text = metadata[name]
    if (text !== undefined) return { [name]: text }
  }
  return null
}

/** The JSON that an entry holds. Throws where it does not inflate: metadata are anybody's to write. */
export function unpacked(entry: Entries): string {
  const bytes = Buffer.from(Object.values(entry)[0] ?? "", "base64")
  const options = { maxOutputLength: MOST_INFLATED_BYTES }
  return inflateRawSync(bytes, NAMES.plain in entry ? options : { ...options, dictionary: WORDS }).toString("utf8")
}
