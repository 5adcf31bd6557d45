// biome-ignore lint/suspicious/noExplicitAny: what the module hands from one of its parts to another, in types that only it can name.
type Passed = any;

/** What Semel takes from pg-logical-replication: pass the module itself. */
export interface ReplicationModule {
  readonly LogicalReplicationService: new (connection: Passed, options: Passed) => ReplicationService;
  readonly PgoutputPlugin: new (options: Passed) => ReplicationPlugin;
}

/** A connection that a slot is read on. */
export interface ReplicationService {
  on(event: string, listener: (...given: Passed[]) => void): unknown;
  subscribe(plugin: Passed, slot: string): Promise<unknown>;
  acknowledge(lsn: string, ping?: boolean): Promise<unknown>;
  stop(): Promise<unknown>;
}

/** What makes messages of the bytes of a stream. */
export interface ReplicationPlugin {
  parse(bytes: Passed): unknown;
  start(client: Passed, slot: string, lsn: string): Promise<unknown>;
}

/** The client of pg that a stream is about to be started on. */
export interface ReplicationClient {
  query(text: string): Promise<{ readonly rows: readonly Passed[] }>;
}

/** What pgoutput says, as far as it concerns inserts. */
export type PgoutputMessage =
  | { readonly tag: 'begin'; readonly commitLsn: string; readonly xid: number }
  | { readonly tag: 'insert'; readonly new: Readonly<Record<string, unknown>> }
  | { readonly tag: 'commit' }
  | { readonly tag: 'other' };
