/** Attributes of Adobe's gain map specification 1.0: up to four times as bright. */
const GAINS =
  'hdrgm:Version="1.0" hdrgm:GainMapMin="0" hdrgm:GainMapMax="2" hdrgm:Gamma="1" hdrgm:OffsetSDR="0.015625" hdrgm:OffsetHDR="0.015625" hdrgm:HDRCapacityMin="0" hdrgm:HDRCapacityMax="2" hdrgm:BaseRenditionIsHDR="False"'

const segment = (code: number, data: Buffer): Buffer => {
  const head = Buffer.from([0xff, code, 0, 0])
  head.writeUInt16BE(data.length + 2, 2)
  return Buffer.concat([head, data])
}

const xmp = (attributes: string, content = ""): Buffer =>
  segment(
    0xe1,
    Buffer.from(
      `http://ns.adobe.com/xap/1.0/\0<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description xmlns:Container="http://ns.google.com/photos/1.0/container/" xmlns:Item="http://ns.google.com/photos/1.0/container/item/" xmlns:hdrgm="http://ns.adobe.com/hdr-gain-map/1.0/" ${attributes}>${content}</rdf:Description></rdf:RDF></x:xmpmeta>`,
      "latin1",
    ),
  )

const item = (what: string): string =>
  `<rdf:li rdf:parseType="Resource"><Container:Item ${what} Item:Mime="image/jpeg"/></rdf:li>`

/** Multi-Picture Format (CIPA DC-007): the picture, and the gain map behind it. */
function multiPicture(pictureBytes: number, map: { readonly offset: number; readonly bytes: number }): Buffer {
  const index = Buffer.alloc(82)
  index.write("MM\0*", 0, "latin1")
  index.writeUInt32BE(8, 4)
  index.writeUInt16BE(3, 8)
  const entries = [
    [0xb000, 7, 4, 0x30313030],
    [0xb001, 4, 1, 2],
    [0xb002, 7, 32, 50],
  ] as const
  for (const [at, [tag, type, count, value]] of entries.entries()) {
    index.writeUInt16BE(tag, 10 + 12 * at)
    index.writeUInt16BE(type, 12 + 12 * at)
    index.writeUInt32BE(count, 14 + 12 * at)
    index.writeUInt32BE(value, 18 + 12 * at)
  }
  index.writeUInt32BE(0x030000, 50)
  index.writeUInt32BE(pictureBytes, 54)
  index.writeUInt32BE(map.bytes, 70)
  index.writeUInt32BE(map.offset, 74)
  return segment(0xe2, Buffer.concat([Buffer.from("MPF\0", "latin1"), index]))
}

/** A JPEG with a gain map, as telephones write it (Ultra HDR 1.1). */
export function withGainMap(picture: Buffer, gains: Buffer): Buffer {
  const map = Buffer.concat([gains.subarray(0, 2), xmp(GAINS), gains.subarray(2)])
  const items = item('Item:Semantic="Primary"') + item(`Item:Semantic="GainMap" Item:Length="${map.length}"`)
  const head = Buffer.concat([
    picture.subarray(0, 2),
    xmp('hdrgm:Version="1.0"', `<Container:Directory><rdf:Seq>${items}</rdf:Seq></Container:Directory>`),
  ])
  const indexBytes = multiPicture(0, { offset: 0, bytes: 0 }).length
  const pictureBytes = head.length + indexBytes + picture.length - 2
  const index = multiPicture(pictureBytes, { offset: pictureBytes - (head.length + 8), bytes: map.length })
  return Buffer.concat([head, index, picture.subarray(2), map])
}
