/** What the command line takes from the process around it, and nothing else: so a test can be that process. */
export interface World {
  /** Data. */
  readonly stdout: Sink;
  /** Errors and remarks. */
  readonly stderr: Sink;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Milliseconds since 1970. */
  now(): number;
  /** Whether a person reads stdout on a terminal: allows colours. */
  readonly isTty: boolean;
}

/** Where text goes. */
export interface Sink {
  write(text: string): unknown;
}
