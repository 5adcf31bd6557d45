/** What `semel prove` is told beside the module. */
export interface ProveOptions {
  readonly kills: number;
  readonly workers: number;
  readonly seed?: number;
  readonly html?: string;
}

/** The module, and which of its proofs. */
export type ProveArguments = [module: string, consumer: string | undefined];
