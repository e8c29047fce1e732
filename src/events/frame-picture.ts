import type { ProxyMade, SequenceFrame } from "./records.generated.ts"

/** What a sequence has to know of the picture of one of its frames. */
export function pictureOfFrame(made: ProxyMade): NonNullable<SequenceFrame["picture"]> {
  const { source, selection } = made
  return {
    sourceVersion: source.sourceVersion,
    renderKey: made.renderKey,
    sizeBytes: source.sizeBytes,
    contentHash: made.contentHash,
    format: selection.format,
    compression: selection.compression,
    channels: selection.channels,
    displayWindow: selection.displayWindow,
    dataWindow: selection.dataWindow,
    pixelAspect: selection.pixelAspect,
    frameRate: selection.frameRate,
    timecode: selection.timecode,
    colorspace: made.colorspace.name,
    thumbnail: made.thumbnail,
    proxy: made.proxy,
    nonFiniteCount: made.nonFiniteCount,
    allBlack: made.allBlack,
    depth: made.depth,
    allChannels: made.allChannels,
    nearlyBlack: made.nearlyBlack,
    thumbnailHash: made.thumbnailHash,
  }
}
