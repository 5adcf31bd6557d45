import type { Store } from '../../core/store.ts';
import type { Finding, Thresholds } from '../doctor/finding.ts';

/** The store that a command is about, with what is asked of its database beside the roles of {@link Store}. */
export interface Target {
  /** How it was addressed, made absolute: `sqlite:/var/lib/shop.db`. */
  readonly address: string;
  /**
   * The store, not open yet. Nothing is created, converted or migrated when it opens.
   * @throws SemelError `store-missing` where there is none, `schema-missing` where it is not Semel's
   */
  existing(): Store;
  /** The store, not open yet. Opening it makes what is missing, and applies the migrations that are pending. */
  migrating(): Store;
  /** The SQL of all migrations. */
  schemaSql(): string;
  /** What a store has and lacks; one that does not exist lacks all. */
  schemaStatus(): Schema;
  /** The checks that only this database knows; they change nothing, and stop at the first that fails. @throws SemelError where there is no store */
  examine(thresholds: Thresholds): readonly Finding[];
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
