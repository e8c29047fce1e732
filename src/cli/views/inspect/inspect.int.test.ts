import { PutObjectCommand } from "@aws-sdk/client-s3"
import { beforeAll, describe, expect, it } from "vitest"
import { freshBucket } from "../../../../test/services/fresh.ts"
import { s3Client } from "../../../../test/services/s3.ts"
import { sharedServices } from "../../../../test/services/shared.ts"
import { exrFile, string } from "../../../picture/read/header/testing/exr-file.ts"
import { call } from "../../testing/call.ts"

let bucket: string
let env: Readonly<Record<string, string>>
beforeAll(async () => {
  const { s3 } = await sharedServices("s3")
  bucket = await freshBucket(s3, "inspect")
  env = { S3_ENDPOINT: s3.endpoint, S3_ACCESS_KEY: s3.accessKey, S3_SECRET_KEY: s3.secretKey, S3_BUCKETS: "another" }
  const client = s3Client(s3)
  const Body = exrFile({ parts: [{ channels: ["B", "G", "R"], attributes: [string("owner", "us")] }], tailBytes: 9e6 })
  const [Key, Tagging] = ["sh 10/été.0101.exr", "oiio-colorspace=ACEScg"]
  await client.send(new PutObjectCommand({ Bucket: bucket, Key, Body, Tagging }))
  client.destroy()
})

const look = (address: string, with_ = {}) => call(["inspect", address, "--json"], { env: { ...env, ...with_ } })

describe("inspect s3://", () => {
  it("tells of an object in any bucket, its tags included, and reads 64 KiB of it", async () => {
    const { code, stdout, stderr } = await look(`s3://${bucket}/sh 10/été.0101.exr`)
    expect([code, stderr]).toEqual([0, ""])
    expect(JSON.parse(stdout)).toMatchObject({
      name: `s3://${bucket}/sh 10/été.0101.exr`,
      frameNumber: 101,
      bytesRead: 65_536,
      colorspace: { name: "ACEScg", rule: "object-metadata" },
    })
  })

  it("says what is not there, and which setting is wrong", async () => {
    expect(await look(`s3://${bucket}/absent.exr`)).toMatchObject({ code: 1, stdout: "" })
    expect(await look("s3://no-such-bucket-at-all/a.exr")).toMatchObject({ code: 1, stdout: "" })
    const away = await look(`s3://${bucket}/a.exr`, { S3_ENDPOINT: "http://127.0.0.1:1" })
    expect(away).toMatchObject({ code: 3, stderr: expect.stringContaining("S3_ENDPOINT") })
  })
})
