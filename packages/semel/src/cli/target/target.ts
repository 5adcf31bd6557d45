import type { Store } from '../../core/store.ts';
import type { Finding, Thresholds } from '../doctor/finding.ts';

/** The store that a command is about, with what is asked of its database beside the roles of {@link Store}. */
export interface Target {
  /** How it was addressed, made absolute and without a password: `sqlite:/var/lib/shop.db`. */
  readonly address: string;
  /**
   * The store, not open yet. Nothing is created, converted or migrated when it opens.
   * @throws SemelError `store-missing` where there is none, `schema-missing` where it is not Semel's; others when it opens
   */
  existing(): Promise<Store>;
  /** The store, not open yet. Opening it makes what is missing, and applies the migrations that are pending. */
  migrating(): Promise<Store>;
  /** The SQL of all migrations. @throws SemelError `bad-option` where the database has no such thing as a role or a schema */
  schemaSql(options?: SchemaOptions): string;
  /** What a store has and lacks; one that does not exist lacks all. */
  schemaStatus(): Promise<Schema>;
  /**
   * The checks that only this database knows; they change nothing, and stop at the first that fails.
   * @param role whose grants are looked at, where there are roles. @default that of the connection
   * @throws SemelError where there is no store
   */
  examine(thresholds: Thresholds, role?: string): Promise<readonly Finding[]>;
  /** Ends the connections that it opened. */
  close(): Promise<void>;
}

/** What a database with roles and schemas is told. */
export interface SchemaOptions {
  readonly schema?: string;
  /** To whom the grants are made. */
  readonly role?: string;
  /** With what relaying by the log needs. */
  readonly publication?: boolean;
}

/** A step of the schema. */
export interface SchemaStep {
  readonly version: number;
  readonly name: string;
}

/** The steps that a store went through, and those that it lacks. */
export interface Schema {
  readonly applied: readonly SchemaStep[];
  readonly pending: readonly SchemaStep[];
}
