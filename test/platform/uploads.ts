import { readFileSync } from "node:fs"
import {
  DeleteObjectCommand,
  HeadObjectCommand,
  type HeadObjectCommandOutput,
  PutObjectCommand,
  paginateListObjectsV2,
  type S3Client,
} from "@aws-sdk/client-s3"
import { type Sample, samplePath } from "../machine/frames.ts"

/** Where frames are put. */
export type Bucket = { readonly s3: S3Client; readonly bucket: string }

export const putBytes = async ({ s3, bucket }: Bucket, key: string, bytes: Uint8Array | string): Promise<void> => {
  await s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: bytes }))
}

/**
 * Puts a real frame, as any S3 client does. Its key stands behind the picture, where no reader looks: no two frames have the
 * same bytes, so that each is rendered.
 */
export const putFrame = (into: Bucket, key: string, sample: Sample): Promise<void> =>
  putBytes(into, key, Buffer.concat([readFileSync(samplePath(sample)), Buffer.from(key)]))

/** Deletes an object, as any S3 client does. */
export const deleteFrame = async ({ s3, bucket }: Bucket, key: string): Promise<void> => {
  await s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: key }))
}

/** Every key of the bucket, as the store lists it. */
export async function keysIn({ s3, bucket }: Bucket): Promise<readonly string[]> {
  const keys: string[] = []
  for await (const page of paginateListObjectsV2({ client: s3 }, { Bucket: bucket }))
    keys.push(...(page.Contents ?? []).flatMap(({ Key }) => Key ?? []))
  return keys
}

/** Does all jobs, so many at once. */
export async function atOnce<T>(places: number, jobs: readonly T[], work: (job: T) => Promise<unknown>): Promise<void> {
  const queue = jobs.values()
  const take = async (): Promise<void> => {
    for (const job of queue) await work(job)
  }
  await Promise.all(Array.from({ length: places }, take))
}

const FORMAT = { thumb: "jpg", proxy: "mp4" } as const

/** The contract's name of an output of a source. */
export function outputKey(key: string, which: keyof typeof FORMAT): string {
  const slash = key.lastIndexOf("/") + 1
  const stem = key.slice(slash, key.lastIndexOf("."))
  return `${key.slice(0, slash)}.proxies/${stem}_${which}.${FORMAT[which]}`
}

/** What the store says of both outputs of a source; rejects where one is missing. */
export async function outputsOf({ s3, bucket }: Bucket, key: string) {
  const head = (which: keyof typeof FORMAT): Promise<HeadObjectCommandOutput> =>
    s3.send(new HeadObjectCommand({ Bucket: bucket, Key: outputKey(key, which) }))
  const [thumbnail, proxy] = await Promise.all([head("thumb"), head("proxy")])
  return { thumbnail, proxy }
}
