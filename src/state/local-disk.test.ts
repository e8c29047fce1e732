import { tmpdir } from "node:os"
import { describe, expect, it } from "vitest"
import { mountTypeOf, networkFileSystem, unsafeDisk, unsafeSays } from "./local-disk.ts"

const MOUNTS = [
  "22 1 259:2 / / rw,relatime shared:1 - ext4 /dev/nvme0n1p2 rw",
  "40 22 0:33 / /mnt/show\\040one rw - fuse.sshfs farm:/show rw,user_id=0",
  "41 22 0:34 / /mnt/show\\040one/fast rw - fuse.gocryptfs /data rw",
  "42 22 0:35 / /home rw - ext4 /dev/sdb1 rw",
  "43 22 0:36 / /home rw - fuse.s3fs s3fs rw",
  "",
].join("\n")

describe("local disk", () => {
  it.each([
    [0x6969, "NFS"],
    [0xff534d42, "CIFS"],
    [0xff534d42 | 0, "CIFS"],
    [0xfe534d42, "SMB2"],
    [0x517b, "SMB"],
    [0x01021997, "9p"],
    [0x0bd00bd0, "Lustre"],
    [0x19830326, "BeeGFS"],
    [0x47504653, "GPFS"],
    [0x00c36400, "Ceph"],
  ])("knows the network file system %i", (type, name) => {
    expect(networkFileSystem(type, null)).toBe(name)
  })

  it.each([
    ["ext4", 0xef53],
    ["xfs", 0x58465342],
    ["btrfs", 0x9123683e],
    ["tmpfs", 0x01021994],
    ["overlay", 0x794c7630],
  ])("takes %s for a local disk", (_, type) => {
    expect(networkFileSystem(Number(type), null)).toBeNull()
  })

  it("tells local from remote FUSE by the mount's type, and distrusts the unknown", () => {
    expect(networkFileSystem(0x65735546, "fuse.sshfs")).toBe("fuse.sshfs")
    expect(networkFileSystem(0x65735546, "fuse.gocryptfs")).toBeNull()
    expect(networkFileSystem(0x65735546, null)).toBe("FUSE")
  })

  it("finds the innermost and latest mount of a path", () => {
    expect(mountTypeOf("/srv/state", MOUNTS)).toBe("ext4")
    expect(mountTypeOf("/mnt/show one/state", MOUNTS)).toBe("fuse.sshfs")
    expect(mountTypeOf("/mnt/show one/fast/state", MOUNTS)).toBe("fuse.gocryptfs")
    expect(mountTypeOf("/mnt/show onerous", MOUNTS)).toBe("ext4")
    expect(mountTypeOf("/home/state", MOUNTS)).toBe("fuse.s3fs")
  })

  it("says where to put the state instead", () => {
    expect(unsafeSays("/mnt/show", "NFS")).toMatch(/NFS.*--state DIR or OIIO_STATE/)
  })

  it("accepts this machine's temporary directory", async () => {
    expect(await unsafeDisk(tmpdir())).toBeNull()
  })
})
