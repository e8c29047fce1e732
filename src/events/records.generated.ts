// Generated from schemas/*.avsc by `oiio-proxy-generator schemas types`. Do not edit: a test compares.

/** A source object has arrived and wants a thumbnail and a proxy. */
export type ElementCreated = {
  /** Identifies this fact; readers drop repeats by it. UUID v5 of elementId and the record's name. */
  readonly factId: string
  /** Id of the event that announced the arrival, or the factId of the fact that asked for a retry. */
  readonly causationId: string
  /** When the fact was recorded, epoch milliseconds. */
  readonly recordedAtMs: number
  /** The arrival. */
  readonly element: Element
  /** Orders what is said of one object: a hybrid logical clock, epoch milliseconds. The store's clock where the announcement states it; at least one more than what the writer knew of the object; 0 where it knew neither, so that it replaces nothing by itself. Null in facts of older versions: arrivedAtMs then. */
  readonly logicalTimeMs: null | number
  /** Who asked for it, where somebody did who is known by name: a retry or a reprocess that the API took in. Null for all other arrivals, and in facts of older versions. */
  readonly requestedBy: null | string
}

/** One arrival of one source object: what triggered the work, and whatever the trigger knew that later readers need. */
export type Element = {
  /** Identifies this arrival. Derived (UUID v5), never random: from CloudEvents source and id; else from intake topic, partition, offset and record index; for a listing from bucket, key and source version; for a retry or reprocess from the previous id and a counter. */
  readonly elementId: string
  /** Id of the event that triggered the work (ce_id), or the elementId where the trigger had none. Part of the id of a failure's completion event. */
  readonly triggerId: string
  /** What announced the arrival: an S3 event name without its s3: prefix (ObjectCreated:Put, ObjectCreated:Copy, ...), or listing, retry, reprocess. */
  readonly trigger: string
  /** Bucket of the source object. In a folder: the name of the top folder. */
  readonly bucket: string
  /** Decoded key of the source object, without bucket, without leading slash. */
  readonly key: string
  /** Another spelling of the key, where the encoding of the trigger is undocumented: tried when key does not exist. In facts about an object that was found, key is the one that it has. */
  readonly keyAlternative: null | string
  /** Render even when the outputs are current, unless they already name this elementId: set for ObjectCreated:Copy, reprocess and retry --force. */
  readonly force: boolean
  /** 0 for a first arrival; the number of the retry or reprocess otherwise. */
  readonly attempt: number
  /** ETag that the trigger stated, a hint only: HEAD decides. */
  readonly etag: null | string
  /** Size in bytes that the trigger stated, a hint only: HEAD decides. */
  readonly sizeBytes: null | number
  /** Object version that the trigger stated. */
  readonly versionId: null | string
  /** S3 sequencer of the event: orders events of one key where comparable. */
  readonly sequencer: null | string
  /** Asset id that the trigger stated; overrides the one derived from the key. */
  readonly assetId: null | string
  /** Job that waits for this element (SpaceHarbor). */
  readonly jobId: null | string
  /** Project of the element. */
  readonly projectId: null | string
  /** Shot of the element. */
  readonly shotId: null | string
  /** W3C trace context of the trigger. */
  readonly traceparent: null | string
  /** W3C trace state of the trigger. */
  readonly tracestate: null | string
  /** When the arrival was taken in, epoch milliseconds. */
  readonly arrivedAtMs: number
}

/** One version of the source was fetched whole. */
export type SourceFetched = {
  /** Identifies this fact; readers drop repeats by it. UUID v5 of elementId and sourceVersion and the record's name. */
  readonly factId: string
  /** factId of the ElementCreated. */
  readonly causationId: string
  /** When the fact was recorded, epoch milliseconds. */
  readonly recordedAtMs: number
  /** The arrival. */
  readonly element: Element
  /** The version fetched. */
  readonly source: Source
  /** Hash of bucket, key, sourceVersion, effective settings and recipe number: outputs that carry it are current. */
  readonly renderKey: string
  /** The outputs were already current: nothing was rendered for this element. */
  readonly reused: boolean
  /** XXH3-128 of the source's bytes, 32 hex digits: the same under every name and in every place. Null where the source was not read for this element and its outputs do not tell, as in facts of older versions. */
  readonly contentHash: null | string
}

/** The version of the source object that everything after speaks of, as HEAD and the conditional GET saw it. */
export type Source = {
  /** versionId; else ETag, LastModified and size; in a folder inode, size and modification time in nanoseconds. */
  readonly sourceVersion: string
  /** Joins with exr-inspector's files.file_id: first 16 hex digits of sha256(key + mtime + md5hex(key)). */
  readonly fileId: string
  /** The trigger's asset id, else the object's tag ah-asset-id, else its metadata asset-id, else the first 16 hex digits of md5(key). */
  readonly assetId: string
  /** LastModified as Python prints it: YYYY-MM-DDTHH:MM:SS+00:00. */
  readonly mtime: string
  /** LastModified, epoch milliseconds (S3 gives whole seconds). */
  readonly lastModifiedMs: number
  /** Size of the object in bytes. */
  readonly sizeBytes: number
  /** ETag of the object, without quotes. */
  readonly etag: null | string
  /** Version id, where the bucket keeps versions. */
  readonly versionId: null | string
}

/** What the header says: which picture is shown, and in which colour space it is. */
export type ColorspaceDetected = {
  /** Identifies this fact; readers drop repeats by it. UUID v5 of elementId, sourceVersion and renderKey and the record's name. */
  readonly factId: string
  /** factId of the SourceFetched. */
  readonly causationId: string
  /** When the fact was recorded, epoch milliseconds. */
  readonly recordedAtMs: number
  /** The arrival. */
  readonly element: Element
  /** The version inspected. */
  readonly source: Source
  /** Hash of bucket, key, sourceVersion, effective settings and recipe number: outputs that carry it are current. */
  readonly renderKey: string
  /** The picture that is shown. */
  readonly selection: Selection
  /** The colour space of that picture. */
  readonly colorspace: Colorspace
  /** The outputs were already current: nothing was rendered for this element. */
  readonly reused: boolean
}

/** Which picture of the file is shown, and how it is placed. */
export type Selection = {
  /** exr, dpx or tiff. */
  readonly format: string
  /** Compression of the shown part, as the format names it (zip, piz, dwaa, lzw, none, ...). */
  readonly compression: null | string
  /** Index of the shown part (EXR) or directory (TIFF), from 0. */
  readonly part: number
  /** Name of the shown part, where it has one. */
  readonly partName: null | string
  /** View shown (stereo), where the file names views: the hero view. */
  readonly view: null | string
  /** Layer whose channels are shown, where they have a prefix. */
  readonly layer: null | string
  /** Source channels shown as R, G and B, in that order; one name three times for grey. Of a pass of data all that it is painted from: two of motion, pairs of id and coverage of a cryptomatte. */
  readonly channels: readonly string[]
  /** Why this part and these channels, in one sentence. */
  readonly reason: string
  /** The part holds deep samples, flattened for display. */
  readonly deep: boolean
  /** The part is stored in tiles. */
  readonly tiled: boolean
  /** The window that is shown. */
  readonly displayWindow: Box
  /** The window that holds pixels; what lies outside the display window is dropped, what is missing is black. */
  readonly dataWindow: Box
  /** Width of a pixel over its height. */
  readonly pixelAspect: number
  /** TIFF/Exif orientation 1..8 applied before display; 1 is upright. */
  readonly orientation: number
  /** Frames per second from the header; null when it says nothing believable. */
  readonly frameRate: null | Rational
  /** Start timecode from the header, validated, hh:mm:ss:ff (hh:mm:ss;ff for drop frame); null when absent or invalid. */
  readonly timecode: null | string
}

/** A window in pixels with inclusive corners, as in OpenEXR's box2i; y grows downwards. */
export type Box = {
  /** Left column, inclusive. */
  readonly xMin: number
  /** Top row, inclusive. */
  readonly yMin: number
  /** Right column, inclusive. */
  readonly xMax: number
  /** Bottom row, inclusive. */
  readonly yMax: number
}

/** An exact ratio, such as the frame rate 24000/1001. */
export type Rational = {
  /** Numerator. */
  readonly num: number
  /** Denominator, above zero. */
  readonly den: number
}

/** The colour space of the source: the decision and its evidence. */
export type Colorspace = {
  /** What the table calls it (source_colorspace): lin_rec709, ACES2065-1, ACEScg, KodakLog, srgb, rec709_video, ... */
  readonly name: string
  /** Name of the colour space in the OCIO config that the engine converts from. */
  readonly configSpace: string
  /** scene-linear, log or display (display-referred code values pass through unchanged). */
  readonly encoding: string
  /** 3x3 matrix from file RGB to linear Rec.709, row by row, where the chromaticities are none that the config knows; else empty. */
  readonly matrix: readonly number[]
  /** Which rule decided: setting, object-metadata, interop-id, aces-container, chromaticities, file-name, dpx-transfer, tiff-samples, png-cicp, png-srgb, png-gamma, icc-profile, samples, data-pass, default. */
  readonly rule: string
  /** What was found and what it means, in one sentence. */
  readonly evidence: string
  /** View of the outputs: un-tone-mapped (default), aces-sdr, or a facility's own display and view. */
  readonly look: string
  /** First 16 hex digits of the sha256 of the OCIO config used. */
  readonly configHash: string
}

/** The thumbnail is stored (and, before it, the proxy). */
export type ThumbnailMade = {
  /** Identifies this fact; readers drop repeats by it. UUID v5 of elementId, sourceVersion and renderKey and the record's name. */
  readonly factId: string
  /** factId of the ColorspaceDetected. */
  readonly causationId: string
  /** When the fact was recorded, epoch milliseconds. */
  readonly recordedAtMs: number
  /** The arrival. */
  readonly element: Element
  /** The version shown. */
  readonly source: Source
  /** Hash of bucket, key, sourceVersion, effective settings and recipe number: outputs that carry it are current. */
  readonly renderKey: string
  /** The picture shown. */
  readonly selection: Selection
  /** Its colour space. */
  readonly colorspace: Colorspace
  /** The thumbnail. */
  readonly thumbnail: Output
  /** Nothing was rendered for this element: its outputs were current, or were copied from those of the same bytes and settings. */
  readonly reused: boolean
  /** Version of oiio-proxy-generator. */
  readonly generatorVersion: string
}

/** One picture that was made and stored. */
export type Output = {
  /** Key of the output. */
  readonly key: string
  /** Size in bytes. */
  readonly sizeBytes: number
  /** image/jpeg or video/mp4. */
  readonly contentType: string
  /** sRGB or Rec709. */
  readonly colorspace: string
  /** Canvas width in pixels. */
  readonly width: number
  /** Canvas height in pixels. */
  readonly height: number
  /** Left edge of the picture inside the canvas, pixels. */
  readonly pictureX: number
  /** Top edge of the picture inside the canvas, pixels. */
  readonly pictureY: number
  /** Width of the picture inside the canvas, pixels; the rest is black. */
  readonly pictureWidth: number
  /** Height of the picture inside the canvas, pixels. */
  readonly pictureHeight: number
  /** Bucket of the output; null for the bucket of the source. */
  readonly bucket: null | string
}

/** Thumbnail and proxy are stored: everything that the table row and both notifications need. */
export type ProxyMade = {
  /** Identifies this fact; readers drop repeats by it. UUID v5 of elementId, sourceVersion and renderKey and the record's name. */
  readonly factId: string
  /** factId of the ThumbnailMade. */
  readonly causationId: string
  /** When the fact was recorded, epoch milliseconds. */
  readonly recordedAtMs: number
  /** The arrival. */
  readonly element: Element
  /** The version shown. */
  readonly source: Source
  /** Hash of bucket, key, sourceVersion, effective settings and recipe number: outputs that carry it are current. */
  readonly renderKey: string
  /** Key of the row in proxy_outputs: UUID v5 (URL namespace) of s3://{bucket}/{key}#{fileId}. */
  readonly proxyId: string
  /** The picture shown. */
  readonly selection: Selection
  /** Its colour space. */
  readonly colorspace: Colorspace
  /** The thumbnail. */
  readonly thumbnail: Output
  /** The proxy. */
  readonly proxy: Output
  /** Engine and path through it that made the pictures, such as oiiotool. */
  readonly route: string
  /** Number of the recipe, raised whenever pictures change. */
  readonly recipe: number
  /** Versions of the tools used, by name. */
  readonly toolVersions: Readonly<Record<string, string>>
  /** Wall time per stage, milliseconds. */
  readonly timingsMs: Readonly<Record<string, number>>
  /** Samples of the shown channels that were NaN or infinite and were repaired, counted inside the display window; -1 when not counted. */
  readonly nonFiniteCount: number
  /** Every pixel of the picture is black. */
  readonly allBlack: boolean
  /** Remarkable but not fatal findings, a sentence each. */
  readonly warnings: readonly string[]
  /** Nothing was rendered for this element: its outputs were current, or were copied from those of the same bytes and settings. */
  readonly reused: boolean
  /** When the outputs were made, epoch microseconds: orders rows of one proxyId. */
  readonly generatedAtUs: number
  /** Wall time of fetch, header and render, seconds, two decimals; waiting in line is not counted. */
  readonly processingTimeSeconds: number
  /** Version of oiio-proxy-generator. */
  readonly generatorVersion: string
  /** Orders what is said of one object: a hybrid logical clock, epoch milliseconds. The store's clock when the source was looked at; never below the arrival's, and at least one more than what the outputs told that were there before. Null in facts of older versions: the arrival's arrivedAtMs then. */
  readonly logicalTimeMs: null | number
  /** XXH3-128 of the source's bytes, 32 hex digits: the same under every name and in every place. Null where the source was not read for this element and its outputs do not tell, as in facts of older versions. */
  readonly contentHash: null | string
  /** Hash of all that decides the pictures: the source's bytes, what of them is shown, the effective settings and the recipe. Two sources with one pictureKey have the same pictures, whatever they are called. Null in facts of older versions. */
  readonly pictureKey: null | string
  /** Outputs beside thumbnail and proxy that settings asked for, in the order of their profiles. Empty in facts of older versions. */
  readonly furtherOutputs: readonly NamedOutput[]
  /** Type of the samples of the channels that are shown, as the header says: half, float, uint10; several with commas between them; null where that is not known. */
  readonly depth: null | string
  /** Names of all channels of the file, sorted, those of further parts with the part's index in front (1:id), with commas between them; of very many the beginning and a hash of them all; null where that is not known. */
  readonly allChannels: null | string
  /** No code value of the thumbnail lies above 16 of 255: nobody sees anything. Also of pictures that are all black. */
  readonly nearlyBlack: boolean
  /** First 32 hex digits of the thumbnail's SHA-256: frames with one hash look the same; null where it is not known. */
  readonly thumbnailHash: null | string
  /** SHA-256 of the source's bytes, 64 hex digits, where the setting sourceSha256 asked for it when the outputs were made; null otherwise. */
  readonly contentSha256: null | string
}

/** An output beside thumbnail and proxy. */
export type NamedOutput = {
  /** Name of its profile, such as preview. */
  readonly name: string
  /** Notifications tell where it is. */
  readonly isNotified: boolean
  /** The output. */
  readonly output: Output
}

/** The header of one version of a source, read with small ranged GETs. */
export type SourceInspected = {
  /** Identifies this fact; readers drop repeats by it. UUID v5 of elementId and sourceVersion and the record's name. */
  readonly factId: string
  /** factId of the ElementCreated. */
  readonly causationId: string
  /** When the fact was recorded, epoch milliseconds. */
  readonly recordedAtMs: number
  /** The arrival. */
  readonly element: Element
  /** The version inspected. */
  readonly source: Source
  /** exr, dpx or tiff. */
  readonly format: string
  /** Frame number from the file name. */
  readonly frameNumber: null | number
  /** sha256 of the header's bytes, hex; in a TIFF of its directories and of what their tags hold. */
  readonly headerHash: string
  /** Length of the header, bytes; in a TIFF of its directories without values that lie elsewhere. */
  readonly headerBytes: number
  /** Bytes fetched to read it. */
  readonly bytesRead: number
  /** Any part holds deep samples. */
  readonly deep: boolean
  /** Parts in file order. */
  readonly parts: readonly Part[]
  /** Attributes left out to keep the fact small. */
  readonly attributesDropped: number
  /** Channels left out to keep the fact small. */
  readonly channelsDropped: number
  /** Parts left out to keep the fact small. */
  readonly partsDropped: number
  /** Remarkable but not fatal findings, a sentence each. */
  readonly warnings: readonly string[]
  /** When the header was read, epoch microseconds. */
  readonly inspectedAtUs: number
  /** Version of oiio-proxy-generator. */
  readonly generatorVersion: string
}

/** One part (EXR), image element (DPX) or directory (TIFF). */
export type Part = {
  /** From 0. */
  readonly index: number
  /** Part name. */
  readonly name: null | string
  /** View name. */
  readonly view: null | string
  /** scanlineimage, tiledimage, deepscanline, deeptile, or the format's own word. */
  readonly kind: string
  /** Holds deep samples. */
  readonly deep: boolean
  /** Compression, as the format names it. */
  readonly compression: string
  /** increasing, decreasing or random. */
  readonly lineOrder: null | string
  /** Data window. */
  readonly dataWindow: Box
  /** Display window. */
  readonly displayWindow: Box
  /** Pixel aspect ratio. */
  readonly pixelAspect: number
  /** Colour space of the part as its header alone says: oiio:ColorSpace or colorspace as it stands there, else what the colour rules decide for the channels that would be shown; null for data. Settings and object tags may have the renderer decide otherwise. */
  readonly colorSpace: null | string
  /** Tiling, where tiled. */
  readonly tiles: null | Tiles
  /** Entries of the offset table. */
  readonly chunkCount: null | number
  /** Channels in file order. */
  readonly channels: readonly Channel[]
  /** Attributes in file order. */
  readonly attributes: readonly Attribute[]
}

/** How a part is cut into tiles. */
export type Tiles = {
  /** Tile width, pixels. */
  readonly width: number
  /** Tile height, pixels. */
  readonly height: number
  /** one-level, mipmap or ripmap. */
  readonly levelMode: string
  /** down or up. */
  readonly roundingMode: string
}

/** One channel of a part. */
export type Channel = {
  /** Full name, layer prefix included. */
  readonly name: string
  /** half, float, uint; for DPX and TIFF such as uint10. */
  readonly pixelType: string
  /** Horizontal subsampling. */
  readonly xSampling: number
  /** Vertical subsampling. */
  readonly ySampling: number
  /** EXR's pLinear flag. */
  readonly perceptuallyLinear: boolean
}

/** One header attribute. Large values are cut; their length and hash stay. */
export type Attribute = {
  /** Name in the header. */
  readonly name: string
  /** Type in the header. */
  readonly type: string
  /** The typed value as JSON, NaN and infinities as text; for unknown types its hex digits; of a value that was cut the beginning, null where even that was cut away. */
  readonly valueJson: string
  /** The value where it is text, a time code or a ratio; NUL is U+FFFD. */
  readonly valueText: null | string
  /** The value where it is an integer. */
  readonly valueInt: null | number
  /** The value where it is a finite number or a ratio. */
  readonly valueFloat: null | number
  /** Size of the value in the header, bytes. */
  readonly sizeBytes: number
  /** The value was cut. */
  readonly truncated: boolean
  /** Hash of the whole value where it was cut and was read. */
  readonly sha256: null | string
}

/** A stage gave up on an element. */
export type ElementFailed = {
  /** Identifies this fact; readers drop repeats by it. UUID v5 of elementId, sourceVersion and stage and the record's name. */
  readonly factId: string
  /** factId of the last fact before the failure. */
  readonly causationId: string
  /** When the fact was recorded, epoch milliseconds. */
  readonly recordedAtMs: number
  /** The arrival. */
  readonly element: Element
  /** The version concerned, where it got so far. */
  readonly source: null | Source
  /** renderKey, where it got so far. */
  readonly renderKey: null | string
  /** Step that gave up: locate-source, fetch-source, detect-colorspace, render-outputs, store-outputs, make-thumbnail, make-proxy, acknowledge, or inspect-source. */
  readonly stage: string
  /** Stable code of the failure, such as picture/unreadable: see docs/failures.md. */
  readonly code: string
  /** permanent, or transient when retries were used up. */
  readonly kind: string
  /** What happened, to what, and what to do, in one or two sentences. Never holds a credential or a local path. */
  readonly says: string
  /** How often the stage was tried. */
  readonly attempts: number
  /** When the stage gave up, epoch microseconds. */
  readonly failedAtUs: number
  /** Version of oiio-proxy-generator. */
  readonly generatorVersion: string
  /** Orders what is said of one object: a hybrid logical clock, epoch milliseconds. The store's clock when the source was looked at; never below the arrival's, and at least one more than what the outputs told that were there. Null in facts of older versions: the arrival's arrivedAtMs then. */
  readonly logicalTimeMs: null | number
}

/** Somebody says that a source object is gone: an event of the store, or a listing that did not find it. Not believed before HEAD finds nothing, which ElementRemoved then states. */
export type RemovalReported = {
  /** Identifies this fact; readers drop repeats by it. UUID v5 of elementId and the record's name. */
  readonly factId: string
  /** Id of the event that told of the removal, or the elementId that was known of the object. */
  readonly causationId: string
  /** When the fact was recorded, epoch milliseconds. */
  readonly recordedAtMs: number
  /** The report: which object, what told of it (trigger: ObjectRemoved:Delete, ObjectRemoved:DeleteMarkerCreated, ..., or listing), the version that it names, and when it was heard (arrivedAtMs). */
  readonly element: Element
  /** Version that was known of the object before, where a listing misses it. */
  readonly sourceVersion: null | string
  /** When the store says that it removed the object, epoch milliseconds; null where nothing told. */
  readonly eventTimeMs: null | number
  /** Orders what is said of one object: a hybrid logical clock, epoch milliseconds; at least one more than what the writer knew of the object. Null where it knew nothing: arrivedAtMs then. */
  readonly logicalTimeMs: null | number
}

/** A source object is gone: HEAD found nothing under its key. Its outputs stay until `prune` deletes them; an object that comes back arrives anew. */
export type ElementRemoved = {
  /** Identifies this fact; readers drop repeats by it. UUID v5 of elementId and the record's name. */
  readonly factId: string
  /** factId of the RemovalReported. */
  readonly causationId: string
  /** When the fact was recorded, epoch milliseconds. */
  readonly recordedAtMs: number
  /** The report: what told of the removal (trigger: ObjectRemoved:Delete, ObjectRemoved:DeleteMarkerCreated, ..., listing, or prune), and when it was heard. versionId, etag and sequencer are what the event named. Where keyAlternative is there, neither spelling exists. */
  readonly element: Element
  /** Version of the source that was known before it was gone; null where none was. */
  readonly sourceVersion: null | string
  /** When the store says that it removed the object, epoch milliseconds; null where nothing told. */
  readonly eventTimeMs: null | number
  /** When HEAD was asked and found nothing, epoch microseconds. */
  readonly confirmedAtUs: number
  /** Version of oiio-proxy-generator. */
  readonly generatorVersion: string
  /** Orders what is said of one object: a hybrid logical clock, epoch milliseconds. The store's clock before HEAD was asked; never below the report's, and at least one more than what the outputs told that were there. */
  readonly logicalTimeMs: null | number
}

/** Somebody says that a failure needs no more attention. It counts for this version of the source: a new version or a retry is an arrival like any other. */
export type FailureDismissed = {
  /** Identifies this fact; readers drop repeats by it. UUID v5 of elementId, logicalTimeMs and the record's name. */
  readonly factId: string
  /** elementId of the arrival that failed. */
  readonly causationId: string
  /** When the fact was recorded, epoch milliseconds. */
  readonly recordedAtMs: number
  /** The failed arrival, as far as its row tells of it: elementId, bucket, key and attempt are its own, trigger is dismiss (or prune), arrivedAtMs when the dismissal was taken in. */
  readonly element: Element
  /** Version of the source that failed; null where the failure came before it was looked at. */
  readonly sourceVersion: null | string
  /** renderKey, where the failed arrival got so far. */
  readonly renderKey: null | string
  /** fileId of the version that failed, where it got so far. */
  readonly fileId: null | string
  /** What failed, so that it can still be shown; null once `prune` took it off: only which version is left alone is known then. */
  readonly failure: null | DismissedFailure
  /** Who dismissed it, where the command was told a name. */
  readonly dismissedBy: null | string
  /** When it was dismissed, epoch microseconds. */
  readonly dismissedAtUs: number
  /** Version of oiio-proxy-generator. */
  readonly generatorVersion: string
  /** Orders what is said of one object: a hybrid logical clock, epoch milliseconds. One more than the failure's (or than the earlier dismissal's): whatever else came after the failure wins. Of an arrival and a dismissal with the same time the arrival stays. */
  readonly logicalTimeMs: number
}

/** What a dismissed ElementFailed said. */
export type DismissedFailure = {
  /** Step that gave up. */
  readonly stage: string
  /** Stable code of the failure, such as picture/unreadable: see docs/failures.md. */
  readonly code: string
  /** permanent, or transient when retries were used up. */
  readonly kind: string
  /** What happened, to what, and what to do. */
  readonly says: string
  /** How often the stage was tried. */
  readonly attempts: number
}

/** Something says of sequences of which frames they are to be, or that they are complete: an object beside frames came or went, or a farm finished a job. Whoever reads it tells each sequence, by SequenceStated. */
export type HintReported = {
  /** Identifies this fact; readers drop repeats by it. UUID v5 of elementId and the record's name. */
  readonly factId: string
  /** Id of the event that told of it, or the elementId. */
  readonly causationId: string
  /** When the fact was recorded, epoch milliseconds. */
  readonly recordedAtMs: number
  /** The report: bucket and key of the object that says something of sequences, or, where an event itself does, what the keys of their frames begin with; what told of it (trigger), and when it was heard (arrivedAtMs). */
  readonly element: Element
  /** What says so: ready, otio, mhl, sound, opencue or deadline-cloud, as in SequenceStated; beside, where a sequence is new: what lies beside its frames is looked at. */
  readonly by: string
  /** The object is said to be gone: whoever reads the hint looks, and takes back what it said. */
  readonly gone: boolean
}

/** What became of one frame of a sequence: the fact of an element, told under its sequence's key, so that one partition holds all that concerns a sequence. */
export type SequenceFrame = {
  /** Identifies this fact; readers drop repeats by it. UUID v5 of the fact that it tells anew and the record's name. */
  readonly factId: string
  /** factId of the fact that it tells anew. */
  readonly causationId: string
  /** When the fact was recorded, epoch milliseconds. */
  readonly recordedAtMs: number
  /** The sequence. */
  readonly sequence: Sequence
  /** Frame number, from -(2^52) to 2^53 - 2. */
  readonly frame: number
  /** Digits that the number is written with, zeros in front included and the sign not. */
  readonly padding: number
  /** arrived, made, failed or removed; elsewhere: the arrival was of an object whose key is spelled otherwise, and is over. */
  readonly state: string
  /** Arrival that it is about. */
  readonly elementId: string
  /** Decoded key of the frame's file. */
  readonly key: string
  /** When that arrival was taken in, epoch milliseconds. */
  readonly arrivedAtMs: number
  /** What announced that arrival, as in ElementCreated; movie: a movie waits for the frame to be made again. */
  readonly trigger: string
  /** Orders what became of the frame's file, by the clock of its store, epoch milliseconds; no machine's own clock decides. */
  readonly logicalTimeMs: number
  /** Version as the file's name or the nearest folder writes it behind a v: 002; null where there is none. */
  readonly version: null | string
  /** What was made; null unless the state is made. */
  readonly picture: null | FramePicture
  /** Code of the failure; null unless the state is failed. */
  readonly failureCode: null | string
  /** Job id, where the trigger had one. */
  readonly jobId: null | string
  /** Project id, where the trigger had one. */
  readonly projectId: null | string
  /** Shot id, where the trigger had one. */
  readonly shotId: null | string
  /** W3C trace context of the trigger. */
  readonly traceparent: null | string
  /** W3C trace state of the trigger. */
  readonly tracestate: null | string
}

/** A sequence of frames: files of one folder whose names differ in the frame number alone. */
export type Sequence = {
  /** UUID v5 of bucket, folder, head and tail: neither the frame nor the width of its number. */
  readonly sequenceId: string
  /** Bucket of the frames. In a folder: the name of the top folder. */
  readonly bucket: string
  /** Folder of the frames with its slash; empty at the top of a bucket. */
  readonly folder: string
  /** What stands before the frame number in the files' names, with its separator. */
  readonly head: string
  /** What stands behind the frame number, the ending included. */
  readonly tail: string
}

/** What was made of a frame, as far as its movie and the report on its sequence need it. */
export type FramePicture = {
  /** Version of the source that it was made of. */
  readonly sourceVersion: string
  /** Names the settings, recipe and source version that it was made with. */
  readonly renderKey: string
  /** Size of the source, bytes. */
  readonly sizeBytes: number
  /** XXH3-128 of the source's bytes, 32 hex digits; null where it was not known. */
  readonly contentHash: null | string
  /** exr, dpx or tiff. */
  readonly format: string
  /** Compression of the source as its format names it; null where it has none. */
  readonly compression: null | string
  /** Channels that are shown, in order. */
  readonly channels: readonly string[]
  /** Display window of the source. */
  readonly displayWindow: Box
  /** Data window of the source. */
  readonly dataWindow: Box
  /** Pixel aspect ratio. */
  readonly pixelAspect: number
  /** Frames per second of the source's header; null where it states none. */
  readonly frameRate: null | Rational
  /** Timecode of the source's header, hh:mm:ss:ff or hh:mm:ss;ff; null where it states none. */
  readonly timecode: null | string
  /** Colour space of the source, short name. */
  readonly colorspace: string
  /** The thumbnail. */
  readonly thumbnail: Output
  /** The one-frame movie. */
  readonly proxy: Output
  /** Samples that are no finite number; -1 where nobody counted them. */
  readonly nonFiniteCount: number
  /** No sample that is shown is above black. */
  readonly allBlack: boolean
  /** Type of the samples of the channels that are shown, as the header says: half, float, uint10; several with commas between them; null where that is not known. */
  readonly depth: null | string
  /** Names of all channels of the file, sorted, those of further parts with the part's index in front (1:id), with commas between them; of very many the beginning and a hash of them all; null where that is not known. */
  readonly allChannels: null | string
  /** No code value of the thumbnail lies above 16 of 255: nobody sees anything. Also of pictures that are all black. */
  readonly nearlyBlack: boolean
  /** First 32 hex digits of the thumbnail's SHA-256: frames with one hash look the same; null where it is not known. */
  readonly thumbnailHash: null | string
}

/** Somebody says of a sequence of which frames it is to be, or that it is complete, told under its sequence's key. It makes the quiet period needless; what is unfinished is waited for all the same. */
export type SequenceStated = {
  /** Identifies this fact; readers drop repeats by it. UUID v5 of the HintReported, or of the fact that first told of the sequence, and the sequenceId, and the record's name. */
  readonly factId: string
  /** factId of the HintReported, or of the SequenceFrame beside whose file the statement lay. */
  readonly causationId: string
  /** When the fact was recorded, epoch milliseconds. */
  readonly recordedAtMs: number
  /** The sequence. */
  readonly sequence: Sequence
  /** What says so: ready, an object .ready; otio, an OpenTimelineIO file; mhl, a hash list; opencue or deadline-cloud, a farm; sound, the WAV of its movie is another one, and states no frames. */
  readonly by: string
  /** Frames that there have to be, as ranges: 1001-1040,1045; null where it is only said that the sequence is complete; empty where the object that said something is gone, and nothing is stated by it any more. */
  readonly frames: null | string
  /** When that was taken in, by the clock that stamps arrivals, epoch milliseconds: that a sequence is complete is said of the frames that arrived before. */
  readonly saidAtMs: number
  /** Decoded key of the object that says so, in the bucket of the frames; null where an event did. */
  readonly object: null | string
}

/** A sequence is complete as it is: no frame of it is unfinished, and it was quiet or somebody said that it is complete. A later revision takes its place. */
export type SequenceSettled = {
  /** Identifies this fact; readers drop repeats by it. UUID v5 of sequenceId, revision and asOfMs and the record's name. */
  readonly factId: string
  /** sequenceId: it follows from all that is known of the sequence. */
  readonly causationId: string
  /** When the fact was recorded, epoch milliseconds. */
  readonly recordedAtMs: number
  /** The sequence. */
  readonly sequence: Sequence
  /** Names what the movie is made of: a hash of frames, versions of their sources, renderKeys and the policy, 32 hex digits. Equal revisions make equal movies. */
  readonly revision: string
  /** Frames that are made, as ranges: 1001-1040,1045; empty where none is. */
  readonly made: string
  /** Frames that failed for good, as ranges. */
  readonly failed: string
  /** Frames between the first and the last, or of the range that was stated, of which nothing came, as ranges. */
  readonly missing: string
  /** Frames that somebody stated, as ranges; empty where nobody did. */
  readonly stated: string
  /** What a movie shows in the place of frames that are not made: hold, black, skip or error. */
  readonly gaps: string
  /** When the log took in the latest fact that this rests on, epoch milliseconds; later than that of every revision before it, so it orders them. */
  readonly asOfMs: number
  /** Smallest width of a made frame's number, digits; a number with more digits than that is written with as many as it has. */
  readonly padding: number
  /** Made frames of which that is not true. */
  readonly otherWidths: readonly WrittenFrames[]
  /** What is wrong with the sequence, of what its frames' facts say; null where it would have made the record too large. */
  readonly report: null | IntegrityReport
}

/** Frames whose numbers are written with another width than the sequence's. */
export type WrittenFrames = {
  /** Digits that their numbers are written with. */
  readonly padding: number
  /** The frames as ranges: 1001-1040,1045. */
  readonly frames: string
}

/** What is wrong with a sequence, of what the facts of its frames say. */
export type IntegrityReport = {
  /** Nothing of the below is a defect. Frames that look alike are none, nor are sources without a hash. */
  readonly isSound: boolean
  /** First and last of the frames that were judged; null where there are none. */
  readonly range: null | FrameRange
  /** Frames that there is a picture of. */
  readonly made: FrameList
  /** Frames of which nothing came. */
  readonly missing: FrameList
  /** Frames without any picture because their files failed, by the code of the failure. */
  readonly failed: readonly FailedFrames[]
  /** Frames that there is more than one file of: a.7.exr and a.0007.exr. */
  readonly duplicates: FrameList
  /** Found frames outside a stated range. */
  readonly outside: FrameList
  /** null where the first frame is the expected one, or none is expected. */
  readonly firstFrame: null | FirstFrame
  /** What differs between frames. */
  readonly drift: readonly Drift[]
  /** Frames per second as most headers say it; null where they say none. */
  readonly rate: null | Rational
  /** Whether the timecodes count as the frames do. */
  readonly timecodes: TimecodeReport
  /** Frames without any light. */
  readonly black: FrameList
  /** Frames that are not black, but in which nobody sees anything. */
  readonly nearlyBlack: FrameList
  /** Frames with the same bytes as the frame before. */
  readonly frozen: FrameList
  /** Frames with other bytes, but the same thumbnail as the frame before: a hold, or a shot in which nothing moves. */
  readonly alike: FrameList
  /** Samples that were NaN or infinite. */
  readonly nonFinite: NonFinite
  /** Made frames of whose source nobody knows the hash. */
  readonly unhashed: FrameList
}

/** A run of frames. */
export type FrameRange = {
  /** The first. */
  readonly first: number
  /** The last. */
  readonly last: number
}

/** Frames as a report lists them. */
export type FrameList = {
  /** How many they are. */
  readonly count: number
  /** Runs in ascending order, 1001-1040,1045; only the first where there are many. */
  readonly ranges: string
  /** Runs that were left out to keep the report small. */
  readonly more: number
}

/** Frames without a picture because their files failed. */
export type FailedFrames = {
  /** Code of the failure, as in docs/failures.md. */
  readonly code: string
  /** The frames. */
  readonly frames: FrameList
}

/** The first frame is not the one that was expected. */
export type FirstFrame = {
  /** Its number by rule or statement. */
  readonly expected: number
  /** The first that was found. */
  readonly found: number
}

/** Frames that differ from most of their sequence. */
export type Drift = {
  /** In what: format, size, displayWindow, dataWindow, pixelAspect, depth, compression, channels (those shown), allChannels, colorspace or rate. */
  readonly trait: string
  /** What most frames have; null where their files say none. */
  readonly usual: null | string
  /** Values of the others, those of most frames first; the first five. */
  readonly others: readonly DriftValue[]
  /** All frames that have another value. */
  readonly frames: FrameList
}

/** Another value, and who has it. */
export type DriftValue = {
  /** The value; null where the files say none. */
  readonly value: null | string
  /** The frames. */
  readonly frames: FrameList
}

/** Whether the timecodes count as the frames do. */
export type TimecodeReport = {
  /** Timecode of the first frame that has one. */
  readonly first: null | string
  /** Frames whose timecode is not the one that follows, or does not exist at the rate. */
  readonly jumps: FrameList
  /** The first twenty of them. */
  readonly told: readonly TimecodeJump[]
  /** Frames without one, in a sequence of which others have one. */
  readonly without: FrameList
}

/** A timecode that does not follow. */
export type TimecodeJump = {
  /** The frame. */
  readonly frame: number
  /** What follows from the frames before; null where nothing does. */
  readonly expected: null | string
  /** What its header says. */
  readonly found: string
}

/** Samples that were NaN or infinite. */
export type NonFinite = {
  /** Frames that have some. */
  readonly frames: FrameList
  /** How many there are in all. */
  readonly samples: number
}

/** What became of a settled revision of a sequence: its movie is there, or it has none, and why. */
export type MovieMade = {
  /** Identifies this fact; readers drop repeats by it. UUID v5 of sequenceId, revision and asOfMs and the record's name. */
  readonly factId: string
  /** factId of the SequenceSettled. */
  readonly causationId: string
  /** When the fact was recorded, epoch milliseconds. */
  readonly recordedAtMs: number
  /** The sequence. */
  readonly sequence: Sequence
  /** Names what the movie is made of: a hash of frames, versions of their sources, renderKeys and the policy, 32 hex digits. Equal revisions make equal movies. */
  readonly revision: string
  /** Frames that are made, as ranges: 1001-1040,1045; empty where none is. */
  readonly made: string
  /** Frames that failed for good, as ranges. */
  readonly failed: string
  /** Frames between the first and the last, or of the range that was stated, of which nothing came, as ranges. */
  readonly missing: string
  /** Frames that somebody stated, as ranges; empty where nobody did. */
  readonly stated: string
  /** What a movie shows in the place of frames that are not made: hold, black, skip or error. */
  readonly gaps: string
  /** That of the SequenceSettled: orders what is said of a sequence. */
  readonly asOfMs: number
  /** What is wrong with the sequence, of what its frames' facts say; null where it would have made the record too large. */
  readonly report: null | IntegrityReport
  /** The movie; null where there is none. */
  readonly movie: null | MovieOutput
  /** Why there is no movie; null where there is one, and where fewer than two frames are left: the movie of those that were there is left behind for prune. */
  readonly failure: null | MovieFailure
  /** The movie was there already. */
  readonly reused: boolean
  /** When the movie was finished, or given up, epoch microseconds. */
  readonly generatedAtUs: number
  /** From the settlement's delivery to the stored movie, seconds. */
  readonly processingTimeSeconds: number
  /** Version of oiio-proxy-generator. */
  readonly generatorVersion: string
}

/** The movie of a sequence. */
export type MovieOutput = {
  /** Decoded key of the movie. */
  readonly key: string
  /** Bucket of the movie; null where it is the frames' own. */
  readonly bucket: null | string
  /** Size, bytes. */
  readonly sizeBytes: number
  /** Width, pixels. */
  readonly width: number
  /** Height, pixels. */
  readonly height: number
  /** Frames per second. */
  readonly frameRate: Rational
  /** Timecode of its first frame. */
  readonly timecode: string
  /** Frames that it shows, held ones included. */
  readonly frames: number
  /** Frames in whose place another picture is shown, the one before or black, as ranges. */
  readonly held: string
  /** Decoded key of the manifest, which lists every frame and what it was made of; in the movie's bucket. */
  readonly manifestKey: string
  /** The files beside it, without those that could not be made. */
  readonly beside: readonly MovieCompanion[]
  /** What is not as it might be expected, a sentence each. */
  readonly warnings: readonly string[]
  /** What is heard; null where it is silent. */
  readonly sound: null | MovieSound
}

/** A file beside a movie that belongs to it, in the movie's bucket. */
export type MovieCompanion = {
  /** What it is: poster, a picture of the movie's size; sprites, the sheet to scrub by; sprites_vtt, its cues. */
  readonly name: string
  /** Decoded key of the file. */
  readonly key: string
  /** Size, bytes. */
  readonly sizeBytes: number
  /** Its media type. */
  readonly contentType: string
}

/** The sound of a movie, and the file that it was made of. */
export type MovieSound = {
  /** Decoded key of the WAV file, in the frames' bucket. */
  readonly key: string
  /** The version of that file. */
  readonly sourceVersion: string
  /** Channels of the movie's sound. */
  readonly channels: number
  /** Its samples a second. */
  readonly sampleRate: number
}

/** Why a revision has no movie. */
export type MovieFailure = {
  /** Code of the failure, as in docs/failures.md. */
  readonly code: string
  /** permanent or transient. */
  readonly kind: string
  /** What happened, to what, and what the operator can do. */
  readonly says: string
}

/** What became of the review copy of a sequence's movie, where settings ask for one: it is there, or why it is not. */
export type ReviewMade = {
  /** Identifies this fact; readers drop repeats by it. UUID v5 of sequenceId, revision and asOfMs and the record's name. */
  readonly factId: string
  /** factId of the MovieMade. */
  readonly causationId: string
  /** When the fact was recorded, epoch milliseconds. */
  readonly recordedAtMs: number
  /** The sequence. */
  readonly sequence: Sequence
  /** That of the movie: equal revisions and settings make equal copies. */
  readonly revision: string
  /** That of the MovieMade: orders what is said of a sequence. */
  readonly asOfMs: number
  /** The review copy; null where there is none. */
  readonly review: null | ReviewOutput
  /** Why there is no review copy; null where there is one. */
  readonly failure: null | MovieFailure
  /** The review copy was there already. */
  readonly reused: boolean
  /** When the review copy was finished, or given up, epoch microseconds. */
  readonly generatedAtUs: number
  /** From the movie's delivery to the stored review copy, seconds. */
  readonly processingTimeSeconds: number
  /** Version of oiio-proxy-generator. */
  readonly generatorVersion: string
  /** The MovieMade that it is a copy of, so that whoever reads this fact needs no other; null in facts of before, and where it would have made the record too large. */
  readonly made: null | MovieMade
}

/** A small copy of a movie, with what is known of its frames written over them. */
export type ReviewOutput = {
  /** Decoded key of the review copy. */
  readonly key: string
  /** Bucket of the review copy; null where it is the frames' own. */
  readonly bucket: null | string
  /** Size, bytes. */
  readonly sizeBytes: number
  /** Width, pixels. */
  readonly width: number
  /** Height, pixels. */
  readonly height: number
  /** Frames per second. */
  readonly frameRate: Rational
  /** Timecode of its slate, which stands one frame before the first. */
  readonly timecode: string
  /** Frames that it shows, the slate included. */
  readonly frames: number
  /** Segments that were encoded for it, the slate's included. */
  readonly segmentsEncoded: number
  /** Segments that were taken over from the copy before it. */
  readonly segmentsKept: number
}
