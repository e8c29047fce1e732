import { readFile, realpath, statfs } from "node:fs/promises"
import { type Failure, failure } from "../events/result.ts"

/** f_type of statfs(2) on Linux: include/uapi/linux/magic.h, and each file system's own source. */
const NETWORK_FILE_SYSTEMS: ReadonlyMap<number, string> = new Map([
  [0x6969, "NFS"],
  [0x517b, "SMB"],
  [0xff534d42, "CIFS"],
  [0xfe534d42, "SMB2"],
  [0x564c, "NCP"],
  [0x01021997, "9p"],
  [0x0bd00bd0, "Lustre"],
  [0x19830326, "BeeGFS"],
  [0x47504653, "GPFS"],
  [0x00c36400, "Ceph"],
  [0x5346414f, "AFS"],
  [0x6b414653, "AFS"],
  [0x7461636f, "OCFS2"],
  [0x01161970, "GFS2"],
  [0xaad7aaea, "PanFS"],
  [0x73757245, "Coda"],
])
const FUSE = 0x65735546

/** FUSE carries sshfs, s3fs and GlusterFS as well as these, which lie on a disk of this machine. */
const LOCAL_FUSE = new Set([
  "fuseblk",
  "fuse.fuse-overlayfs",
  "fuse.gocryptfs",
  "fuse.encfs",
  "fuse.ntfs-3g",
  "fuse.mergerfs",
])

/**
 * Name of the network file system behind a statfs type, null for a local disk. `mountType` is the mount table's name of
 * the file system (fuse.sshfs); FUSE without one that is known to be local counts as a network.
 */
export function networkFileSystem(type: number, mountType: string | null): string | null {
  // Some platforms give the type as a signed number.
  const unsigned = type >>> 0
  if (unsigned !== FUSE) return NETWORK_FILE_SYSTEMS.get(unsigned) ?? null
  return mountType !== null && LOCAL_FUSE.has(mountType) ? null : (mountType ?? "FUSE")
}

/** File system type of the innermost mount that holds `path`, from the text of /proc/self/mountinfo (proc(5)). */
export function mountTypeOf(path: string, mountInfo: string): string | null {
  let best: { readonly point: string; readonly type: string } | null = null
  for (const line of mountInfo.split("\n")) {
    const [mount, rest] = line.split(" - ")
    const point = mount
      ?.split(" ")[4]
      ?.replace(/\\([0-7]{3})/g, (_, octal) => String.fromCharCode(Number.parseInt(octal, 8)))
    const type = rest?.split(" ")[0]
    if (point === undefined || type === undefined || !holds(point, path)) continue
    // Of two mounts on one point the later one hides the other.
    if (best === null || point.length >= best.point.length) best = { point, type }
  }
  return best?.type ?? null
}

const holds = (point: string, path: string): boolean => point === "/" || path === point || path.startsWith(`${point}/`)

/**
 * Null when `folder` lies on a disk of this machine. SQLite's write-ahead log needs shared memory and locks that network
 * file systems do not give: two machines would ruin each other's state unnoticed. Linux only; elsewhere every disk is
 * believed to be local. Fails state/unsafe; throws what statfs throws.
 */
export async function unsafeDisk(folder: string): Promise<Failure | null> {
  if (process.platform !== "linux") return null
  const { type } = await statfs(folder)
  const mountType =
    type >>> 0 === FUSE ? mountTypeOf(await realpath(folder), await readFile("/proc/self/mountinfo", "utf8")) : null
  const name = networkFileSystem(type, mountType)
  return name === null ? null : failure("state/unsafe", unsafeSays(folder, name))
}

export const unsafeSays = (folder: string, name: string): string =>
  `The state directory ${folder} lies on a network file system (${name}), which cannot keep it safely. ` +
  "Name a directory on a local disk with --state DIR or OIIO_STATE."
