/** A server that tests need: where it comes from, how it starts, when it is ready. One file each; `catalog.ts` lists them. */
export interface Service {
  /** What it is called on the command line: `postgres-15`. */
  readonly name: string;
  /** The services that it stands in front of; they start first. */
  readonly needs: readonly string[];
  /** Ends it at once; its data is about to be removed. */
  readonly stopSignal: NodeJS.Signals;
  /** Gets what it takes from a package registry and starts it, without waiting until it answers. Throws with the reason where it cannot be had. */
  start(site: Site): Promise<Server>;
  /** Resolves where it does its work at this address, and rejects where it does not. */
  ask(url: string): Promise<void>;
}

/** Where a service lives. */
export interface Site {
  /** A folder of its own, which the user that servers run as may write. It keeps what an earlier start left in it. */
  readonly folder: string;
  /** A folder for what was fetched, common to all services. */
  readonly cache: string;
  /** The port of 127.0.0.1 to listen on. */
  readonly port: number;
  /** The addresses of what it needs, by name. */
  readonly urls: Readonly<Record<string, string>>;
}

/** A process that was started. */
export interface Server {
  readonly pid: number;
  /** Its address, with everything a client needs. */
  readonly url: string;
}

/** The environment variable that holds a service's address: `SEMEL_TEST_POSTGRES_15` for `postgres-15`. */
export function variableOf(name: string): string {
  return `SEMEL_TEST_${name.replaceAll('-', '_').toUpperCase()}`;
}
