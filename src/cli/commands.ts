import type { ListedCommand } from "./command.ts"

/** Every command, in the order of the help text. A command's file, and all that it imports, is loaded only when it is called. */
export const COMMANDS: readonly ListedCommand[] = [
  {
    name: "run",
    summary: "makes thumbnail and proxy of every frame in a folder that has none yet",
    load: async () => (await import("./commands/run.ts")).runCommand,
  },
  {
    name: "outputs",
    summary: "lists the current outputs: one row per frame that is there",
    load: async () => (await import("./commands/outputs.ts")).outputs,
  },
  {
    name: "sequences",
    summary: "lists the sequences of frames: what is missing of each, and its movie",
    load: async () => (await import("./commands/sequences.ts")).sequences,
  },
  {
    name: "sequence",
    summary: "shows the report on one sequence: what is missing, failed or not like the rest",
    load: async () => (await import("./commands/sequence.ts")).sequence,
  },
  {
    name: "contact-sheet",
    summary: "one HTML page with every thumbnail, its proxy, its colour evidence, and what failed",
    load: async () => (await import("./commands/contact-sheet.ts")).contactSheet,
  },
  {
    name: "inspect",
    summary: "shows the header of one file or object at a glance",
    load: async () => (await import("./commands/inspect.ts")).inspect,
  },
  {
    name: "status",
    summary: "shows what is done, queued and failed, and how far each consumer group is",
    load: async () => (await import("./commands/status.ts")).status,
  },
  {
    name: "failures list",
    summary: "lists the frames that failed: stage, code, kind, reason, attempts",
    load: async () => (await import("./commands/failures.ts")).failuresList,
  },
  {
    name: "failures retry",
    summary: "takes failed frames up again: all, or those named",
    load: async () => (await import("./commands/failures.ts")).failuresRetry,
  },
  {
    name: "failures dismiss",
    summary: "says that failures need no more attention: those named, or with --yes all that fit",
    load: async () => (await import("./commands/failures.ts")).failuresDismiss,
  },
  {
    name: "reprocess",
    summary: "renders frames again, whether their outputs are current or not",
    load: async () => (await import("./commands/reprocess.ts")).reprocess,
  },
  {
    name: "rebuild",
    summary: "builds the tables anew from the event log",
    load: async () => (await import("./commands/upkeep.ts")).rebuild,
  },
  {
    name: "prune",
    summary: "says which outputs, failures and tables nobody needs any more, and with --yes deletes them",
    load: async () => (await import("./commands/upkeep.ts")).prune,
  },
  {
    name: "events",
    summary: "prints the event log, each record decoded",
    load: async () => (await import("./commands/events.ts")).events,
  },
  {
    name: "ingest",
    summary: "queues the frames of a bucket that have no outputs yet, or takes arrivals in as they come (--serve)",
    load: async () => (await import("./commands/ingest.ts")).ingest,
  },
  {
    name: "worker",
    summary: "renders and inspects what arrives, until it is stopped",
    load: async () => (await import("./commands/service-roles.ts")).worker,
  },
  {
    name: "projector",
    summary: "keeps the tables up to date and tells who wants to know, until it is stopped",
    load: async () => (await import("./commands/service-roles.ts")).projector,
  },
  {
    name: "all",
    summary: "runs ingest, worker and projector in one process, until it is stopped",
    load: async () => (await import("./commands/service-roles.ts")).all,
  },
  {
    name: "serve",
    summary: "answers the API and shows the console: outputs, sequences, failures, with addresses that end",
    load: async () => (await import("./commands/serve.ts")).serve,
  },
  {
    name: "token",
    summary: "makes a bearer token of the API",
    load: async () => (await import("./commands/serve.ts")).token,
  },
  {
    name: "topology",
    summary: "describes the stream topology: what is consumed, done and appended, step by step",
    load: async () => (await import("./commands/explain.ts")).topology,
  },
  {
    name: "schemas check",
    summary: "checks schemas/ against every version that was published",
    load: async () => (await import("./commands/schemas.ts")).schemasCheck,
  },
  {
    name: "schemas types",
    summary: "writes the TypeScript types of the events from schemas/",
    load: async () => (await import("./commands/schemas.ts")).schemasTypes,
  },
  {
    name: "schemas publish",
    summary: "keeps the changed schemas as their next published versions",
    load: async () => (await import("./commands/schemas.ts")).schemasPublish,
  },
  {
    name: "schemas register",
    summary: "registers this version's schemas, each under FULL_TRANSITIVE compatibility",
    load: async () => (await import("./commands/schemas.ts")).schemasRegister,
  },
  {
    name: "topics create",
    summary: "creates the topics that are not there, with the retention that a replay needs",
    load: async () => (await import("./commands/topics.ts")).topicsCreate,
  },
  {
    name: "topics check",
    summary: "checks whether the topics are there and keep what they must",
    load: async () => (await import("./commands/topics.ts")).topicsCheck,
  },
  {
    name: "looks check",
    summary: "measures how true the looks of the settings come out in the in-process engine",
    load: async () => (await import("./commands/looks-check.ts")).looksCheck,
  },
  {
    name: "config explain",
    summary: "shows every setting with its value and where that came from, secrets masked",
    load: async () => (await import("./commands/explain.ts")).configExplain,
  },
  {
    name: "doctor",
    summary: "checks whether everything is there that the work needs, and says what to do where it is not",
    load: async () => (await import("./commands/doctor.ts")).doctor,
  },
  {
    name: "setup",
    summary: "installs the picture tools into the user's cache, where they are not there yet",
    load: async () => (await import("./commands/setup.ts")).setup,
  },
  {
    name: "docs",
    summary: "prints a page of the documentation, or lists them",
    load: async () => (await import("./commands/docs.ts")).docs,
  },
  {
    name: "completion",
    summary: "prints the script that completes command lines in a shell: bash, zsh or fish",
    load: async () => (await import("./commands/completion.ts")).completion,
  },
]
