import type { FrameList, IntegrityReport } from "../../events/records.generated.ts"
import type { Trait } from "./frame-facts.ts"

// A report as SpaceHarbor's route sequence-integrity and the component that shows it speak of it.

/** What its route looks for and its component shows, and what we find besides. */
export type SequenceIntegrity = {
  readonly status: "valid" | "invalid"
  readonly validated_at: string
  readonly tool: string
  readonly tool_version: string
  readonly start_frame: number | null
  readonly end_frame: number | null
  readonly total_frames: number
  readonly missing_frames: FrameList
  /** Frames whose files could not be shown, with the code of the failure. */
  readonly corrupt_frames: readonly (FrameList & { readonly code: string })[]
  readonly duplicate_frames: FrameList
  readonly first_frame_mismatch: { readonly expected: number; readonly found: number } | null
  readonly resolution_changes: readonly Change[]
  readonly bit_depth_changes: readonly Change[]
  readonly compression_changes: readonly Change[]
  readonly other_changes: readonly (Change & { readonly trait: string })[]
  readonly black_frames: FrameList
  readonly frozen_frames: FrameList
  readonly non_finite_frames: FrameList
  readonly timecode_jumps: FrameList
  /** `complete` where the hash of every frame is known. The hashes are in the sequence's manifest and in its hash list. */
  readonly checksums: {
    readonly algorithm: "xxh3-128"
    readonly status: "complete" | "partial" | "none"
    readonly frames: number
  }
}

type Change = { readonly usual: string | null; readonly value: string | null; readonly frames: FrameList }

export type Validation = { readonly atMs: number; readonly toolVersion: string }

const RESOLUTION: readonly Trait[] = ["size", "displayWindow", "dataWindow", "pixelAspect"]

export function spaceHarborIntegrity(report: IntegrityReport, { atMs, toolVersion }: Validation): SequenceIntegrity {
  const changesOf = (...traits: readonly Trait[]) =>
    report.drift.flatMap(({ trait, usual, others }) =>
      traits.some((one) => one === trait) ? others.map(({ value, frames }) => ({ trait, usual, value, frames })) : [],
    )
  const plain = (...traits: readonly Trait[]): readonly Change[] =>
    changesOf(...traits).map(({ trait, ...change }) => change)
  return {
    status: report.isSound ? "valid" : "invalid",
    validated_at: new Date(atMs).toISOString(),
    tool: "oiio-proxy-generator",
    tool_version: toolVersion,
    start_frame: report.range?.first ?? null,
    end_frame: report.range?.last ?? null,
    total_frames: report.made.count,
    missing_frames: report.missing,
    corrupt_frames: report.failed.map(({ code, frames }) => ({ ...frames, code })),
    duplicate_frames: report.duplicates,
    first_frame_mismatch: report.firstFrame,
    resolution_changes: plain(...RESOLUTION),
    bit_depth_changes: plain("depth"),
    compression_changes: plain("compression"),
    other_changes: changesOf("format", "channels", "allChannels", "colorspace", "rate"),
    black_frames: report.black,
    frozen_frames: report.frozen,
    non_finite_frames: report.nonFinite.frames,
    timecode_jumps: report.timecodes.jumps,
    checksums: checksumsOf(report),
  }
}

function checksumsOf({ made, unhashed }: IntegrityReport): SequenceIntegrity["checksums"] {
  const frames = made.count - unhashed.count
  return {
    algorithm: "xxh3-128",
    status: frames === 0 ? "none" : unhashed.count === 0 ? "complete" : "partial",
    frames,
  }
}
