/** u8, u16, u32, f32, or text with its length in bytes. */
export type DpxFieldType = "u8" | "u16" | "u32" | "f32" | number

/** Byte offset, name, type. */
export type DpxField = readonly [offset: number, name: string, type: DpxFieldType]

/** End of the file, image and orientation headers; film and television fields follow where the pixels leave room. */
export const DPX_CORE_BYTES = 1664
export const DPX_GENERIC_BYTES = 2048
export const DPX_ELEMENT_BYTES = 72
export const DPX_MAX_ELEMENTS = 8

/** File, image and orientation header of SMPTE 268M; the eight image elements stand in between (DPX_ELEMENT_FIELDS). */
export const DPX_CORE_FIELDS: readonly DpxField[] = [
  [4, "imageOffset", "u32"],
  [8, "version", 8],
  [16, "fileSize", "u32"],
  [20, "dittoKey", "u32"],
  [24, "genericSize", "u32"],
  [28, "industrySize", "u32"],
  [32, "userSize", "u32"],
  [36, "fileName", 100],
  [136, "creationTime", 24],
  [160, "creator", 100],
  [260, "project", 200],
  [460, "copyright", 200],
  [660, "encryptKey", "u32"],
  [768, "orientation", "u16"],
  [770, "elementCount", "u16"],
  [772, "width", "u32"],
  [776, "height", "u32"],
  [1408, "xOffset", "u32"],
  [1412, "yOffset", "u32"],
  [1416, "xCenter", "f32"],
  [1420, "yCenter", "f32"],
  [1424, "xOriginalSize", "u32"],
  [1428, "yOriginalSize", "u32"],
  [1432, "sourceFileName", 100],
  [1532, "sourceTime", 24],
  [1556, "inputDevice", 32],
  [1588, "inputSerial", 32],
  [1620, "borderLeft", "u16"],
  [1622, "borderRight", "u16"],
  [1624, "borderTop", "u16"],
  [1626, "borderBottom", "u16"],
  [1628, "pixelAspectHorizontal", "u32"],
  [1632, "pixelAspectVertical", "u32"],
  [1636, "xScannedSize", "f32"],
  [1640, "yScannedSize", "f32"],
]

/** One image element, offsets from its start at 780 + 72 n. */
export const DPX_ELEMENT_FIELDS: readonly DpxField[] = [
  [0, "dataSign", "u32"],
  [4, "lowData", "u32"],
  [8, "lowQuantity", "f32"],
  [12, "highData", "u32"],
  [16, "highQuantity", "f32"],
  [20, "descriptor", "u8"],
  [21, "transfer", "u8"],
  [22, "colorimetric", "u8"],
  [23, "bitDepth", "u8"],
  [24, "packing", "u16"],
  [26, "encoding", "u16"],
  [28, "dataOffset", "u32"],
  [32, "endOfLinePadding", "u32"],
  [36, "endOfImagePadding", "u32"],
  [40, "description", 32],
]

/** Film and television headers: what stands here is pixels where the image offset is below 2048. */
export const DPX_INDUSTRY_FIELDS: readonly DpxField[] = [
  [1664, "filmManufacturer", 2],
  [1666, "filmType", 2],
  [1668, "perfsOffset", 2],
  [1670, "prefix", 6],
  [1676, "count", 4],
  [1680, "filmFormat", 32],
  [1712, "framePosition", "u32"],
  [1716, "sequenceLength", "u32"],
  [1720, "heldCount", "u32"],
  [1724, "filmFrameRate", "f32"],
  [1728, "shutterAngle", "f32"],
  [1732, "frameId", 32],
  [1764, "slateInfo", 100],
  [1920, "timecode", "u32"],
  [1924, "userBits", "u32"],
  [1928, "interlace", "u8"],
  [1929, "fieldNumber", "u8"],
  [1930, "videoSignal", "u8"],
  [1932, "horizontalSampleRate", "f32"],
  [1936, "verticalSampleRate", "f32"],
  [1940, "televisionFrameRate", "f32"],
  [1944, "timeOffset", "f32"],
  [1948, "gamma", "f32"],
  [1952, "blackLevel", "f32"],
  [1956, "blackGain", "f32"],
  [1960, "breakPoint", "f32"],
  [1964, "whiteLevel", "f32"],
  [1968, "integrationTime", "f32"],
]
