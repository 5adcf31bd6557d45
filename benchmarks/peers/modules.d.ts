/**
 * The peers' packages, as far as they are used here. They are installed when they are measured, and not for a check of types.
 */

declare module 'graphile-worker' {
  import type { PoolClient } from 'pg';

  export class Logger {
    constructor(factory: () => () => void);
  }
  export interface Helpers {
    withPgClient<Result>(run: (client: PoolClient) => Promise<Result>): Promise<Result>;
  }
  export interface Settings {
    readonly preset: { readonly worker: Readonly<Record<string, unknown>> };
    readonly logger: Logger;
  }
  export interface Utils {
    migrate(): Promise<void>;
    addJob(identifier: string, payload: unknown): Promise<unknown>;
    addJobs(jobs: readonly { readonly identifier: string; readonly payload: unknown }[]): Promise<unknown>;
    release(): Promise<void>;
  }
  export function makeWorkerUtils(settings: Settings): Promise<Utils>;
  export function run(
    settings: Settings & { readonly noHandleSignals: boolean; readonly taskList: Readonly<Record<string, (payload: never, helpers: Helpers) => Promise<void>>> },
  ): Promise<unknown>;
}

declare module 'pg-boss' {
  export interface Database {
    executeSql(text: string, values?: unknown[]): Promise<unknown>;
  }
  export interface PgBossJob<Data> {
    readonly id: string;
    readonly data: Data;
  }
  export class PgBoss {
    constructor(options: Readonly<Record<string, unknown>>);
    on(event: 'error', listener: (error: Error) => void): this;
    start(): Promise<unknown>;
    stop(): Promise<void>;
    createQueue(name: string, options?: Readonly<Record<string, unknown>>): Promise<void>;
    insert(name: string, jobs: readonly { readonly data: object }[]): Promise<unknown>;
    send(name: string, data: object): Promise<unknown>;
    work<Data>(name: string, options: Readonly<Record<string, unknown>>, handler: (jobs: readonly PgBossJob<Data>[], tx: Database) => Promise<void>): Promise<unknown>;
    fetch<Data>(name: string, options: { readonly batchSize: number; readonly db: Database }): Promise<readonly PgBossJob<Data>[]>;
    complete(name: string, ids: readonly string[], data: null, options: { readonly db: Database }): Promise<unknown>;
  }
}

declare module 'sqs-consumer' {
  import type { Message, SQS } from '@aws-sdk/client-sqs';

  export class Consumer {
    static create(options: { readonly queueUrl: string; readonly sqs: SQS; readonly batchSize: number; handleMessage(message: Message): Promise<Message> }): Consumer;
    on(event: 'error', listener: (error: Error) => void): this;
    start(): void;
    stop(): void;
  }
}

declare module 'bullmq' {
  export interface Options {
    readonly connection: { readonly host: string; readonly port: number; readonly maxRetriesPerRequest: null };
    readonly concurrency?: number;
    readonly defaultJobOptions?: { readonly removeOnComplete: boolean };
  }
  export class Queue {
    constructor(name: string, options: Options);
    add(name: string, data: unknown): Promise<unknown>;
    addBulk(jobs: readonly { readonly name: string; readonly data: unknown }[]): Promise<unknown>;
    obliterate(options: { readonly force: boolean }): Promise<void>;
    close(): Promise<void>;
  }
  export class Worker<Data> {
    constructor(name: string, handler: (job: { readonly data: Data }) => Promise<void>, options: Options);
    on(event: 'completed', listener: () => void): this;
    waitUntilReady(): Promise<unknown>;
  }
}

declare module '@dbos-inc/dbos-sdk' {
  type Handler<Input> = (input: Input) => Promise<void>;

  export const DBOS: {
    setConfig(config: Readonly<Record<string, unknown>>): void;
    launch(): Promise<void>;
    shutdown(): Promise<void>;
    registerWorkflow<Input>(handler: Handler<Input>, options: { readonly name: string }): Handler<Input>;
    runStep<Result>(step: () => Promise<Result>, options: { readonly name: string }): Promise<Result>;
    registerQueue(name: string, options: { readonly minPollingIntervalMs: number }): unknown;
    startWorkflow<Input>(workflow: Handler<Input>, options: { readonly queueName: string }): (input: Input) => Promise<unknown>;
  };
}

declare module '@event-driven-io/emmett-postgresql' {
  import type { QueryConfig } from 'pg';

  export interface Event<Data> {
    readonly type: string;
    readonly data: Data;
  }
  export interface Reactor<Data> {
    readonly processorId: string;
    readonly startFrom: 'BEGINNING';
    eachMessage(event: Event<Data>, context: { readonly connection: { readonly client: { query(query: QueryConfig): Promise<unknown> } } }): Promise<void>;
  }
  export interface EventStore {
    readonly schema: { migrate(): Promise<void> };
    appendToStream(stream: string, events: readonly Event<unknown>[]): Promise<unknown>;
    consumer(options: { readonly pulling: { readonly batchSize: number; readonly pullingFrequencyInMs: number } }): {
      reactor<Data>(reactor: Reactor<Data>): void;
      start(): Promise<void>;
    };
    close(): Promise<void>;
  }
  export function getPostgreSQLEventStore(url: string): EventStore;
}
