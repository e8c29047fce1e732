/**
 * How the key of an object is split: folder, file name, stem, ending, and the `.proxies` segment that marks outputs.
 * Nothing else in the project takes a key apart.
 */

/** Name of the folders that hold outputs. */
export const OUTPUTS_FOLDER = ".proxies"

/** The folder of a key with its slash; empty at the top of a bucket. */
export const folderOf = (key: string): string => key.slice(0, key.lastIndexOf("/") + 1)

export const fileNameOf = (key: string): string => key.slice(key.lastIndexOf("/") + 1)

/** The file name without its ending. A name that only begins with a dot (.exr) has no ending and is its own stem. */
export function stemOf(key: string): string {
  const file = fileNameOf(key)
  const dot = file.lastIndexOf(".")
  return dot > 0 ? file.slice(0, dot) : file
}

/** What stands behind the last dot of a key's file name, in lower case; empty where nothing does. */
export const endingOf = (key: string): string =>
  fileNameOf(key)
    .slice(stemOf(key).length + 1)
    .toLowerCase()

/** The name of a frame's sequence as look files carry it: the stem without the frame number at its end. */
export const sequenceNameOf = (key: string): string => stemOf(key).replace(/[._ -]*\d+$/, "")

/** Names of folders and, last, of the file. */
export const segmentsOf = (key: string): readonly string[] => key.split("/")

/** Whether a key walks the tree instead of naming something: a gateway over a file system would resolve it. */
export const hasDotSegment = (key: string): boolean => segmentsOf(key).some((name) => name === "." || name === "..")

/** Folder, with its slash, of the outputs that lie beside a source. */
export const outputsFolderBeside = (key: string): string => `${folderOf(key)}${OUTPUTS_FOLDER}/`

/** Whether a folder, written with its slash, is one that holds outputs. */
export const isOutputsFolder = (folder: string): boolean => /(^|\/)\.proxies\/$/.test(folder)

/** Whether a key lies below a `.proxies` segment: then it is an output and never a source, which rules out loops. */
export const isOutput = (key: string): boolean => /(^|\/)\.proxies\//.test(key)

/** A file whose name begins with a dot is not a source: what macOS puts beside a file, what a copy has not finished. */
export const isHidden = (key: string): boolean => fileNameOf(key).startsWith(".")

/** Bucket and key of the form `bucket/key`, as events and addresses write them; null where either is empty. */
export function splitBucketAndKey(path: string): { readonly bucket: string; readonly key: string } | null {
  const slash = path.indexOf("/")
  return slash < 1 || slash === path.length - 1 ? null : { bucket: path.slice(0, slash), key: path.slice(slash + 1) }
}
