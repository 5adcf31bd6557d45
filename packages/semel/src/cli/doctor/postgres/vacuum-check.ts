import { formatDuration } from '../../output/duration.ts';
import { type Found, ok } from '../finding.ts';
import { type Examination, type Trouble, warnAll } from './examination.ts';

/** Dead rows beyond which a table is looked at, and how many times what sets autovacuum off they must be. */
const MANY = 50_000;
const OVERDUE = 4;

interface HotTable {
  readonly name: string;
  readonly dead: number;
  readonly live: number;
  /** Dead rows that set autovacuum off. */
  readonly due: number;
  readonly disabled: boolean;
  readonly vacuumedMs: number | null;
}

/** Rows come and go in these by the message: what is dead and stays makes every lease slower. */
export async function vacuum({ connection, schema }: Examination): Promise<Found> {
  const enabled = await connection.get<{ enabled: boolean }>("select current_setting('autovacuum')::boolean as enabled");
  const tables = await connection.all<HotTable>(TABLES);
  const overdue = tables.filter(({ dead, due }) => dead > MANY && dead > due * OVERDUE);
  const holder = overdue.length === 0 ? undefined : await connection.get<Trouble>(HOLDER);
  const troubles: readonly Trouble[] = [
    ...(enabled?.enabled ? [] : [{ found: 'autovacuum is off', todo: '`alter system set autovacuum = on; select pg_reload_conf()`.' }]),
    ...tables
      .filter(({ disabled }) => disabled)
      .map(({ name }) => ({ found: `${name}: autovacuum is disabled`, todo: `\`alter table ${schema}.${name} reset (autovacuum_enabled)\`.` })),
    ...overdue.map((table) => ({ found: told(table), todo: `\`vacuum ${schema}.${table.name}\`.` })),
    ...(holder === undefined ? [] : [holder]),
  ];
  return troubles.length === 0 ? ok(`keeps up: ${tables.map(({ name, dead }) => `${name} ${dead} dead`).join(', ')}`) : warnAll(troubles);
}

function told({ name, dead, live, vacuumedMs }: HotTable): string {
  return `${name}: ${dead} dead rows beside ${live}, vacuumed ${vacuumedMs === null ? 'never' : `${formatDuration(vacuumedMs)} ago`}`;
}

const TABLES = `select c.relname as name, s.n_dead_tup::float8 as dead, s.n_live_tup::float8 as live,
    (coalesce(o.threshold, current_setting('autovacuum_vacuum_threshold')::float8) + coalesce(o.scale, current_setting('autovacuum_vacuum_scale_factor')::float8) * greatest(c.reltuples, 0))::float8 as due,
    coalesce(not o.enabled, false) as disabled,
    (extract(epoch from clock_timestamp() - greatest(s.last_autovacuum, s.last_vacuum)) * 1000)::float8 as "vacuumedMs"
  from pg_class c join pg_stat_user_tables s on s.relid = c.oid left join lateral (
    select max(option_value::float8) filter (where option_name = 'autovacuum_vacuum_threshold') as threshold,
      max(option_value::float8) filter (where option_name = 'autovacuum_vacuum_scale_factor') as scale,
      bool_and(option_value::boolean) filter (where option_name = 'autovacuum_enabled') as enabled
    from pg_options_to_table(c.reloptions)) o on true
  where c.relnamespace = '{s}'::regnamespace and c.relname in ('queue', 'leases', 'messages', 'inbox') order by c.relname`;

/** Who has kept dead rows alive for the longest, if for more than a minute: a vacuum removes nothing that they might see. */
const HOLDER = `select found, todo from (
    select age(coalesce(backend_xmin, backend_xid)) as age, format('pid %s (%s) holds them, in a transaction since %s', pid, coalesce(nullif(application_name, ''), usename), date_trunc('second', xact_start)) as found,
      format('\`select pg_terminate_backend(%s)\` lets them go.', pid) as todo
    from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() and coalesce(backend_xmin, backend_xid) is not null and xact_start < clock_timestamp() - interval '1 minute'
    union all select age(transaction), format('the prepared transaction %L holds them', gid), format('\`rollback prepared %L\` lets them go.', gid)
    from pg_prepared_xacts where database = current_database()
    union all select age(xmin), format('the replication slot %s holds them, for a replica', slot_name), format('\`select pg_drop_replication_slot(%L)\` lets them go, if its replica is gone.', slot_name)
    from pg_replication_slots where xmin is not null
  ) holders order by age desc limit 1`;
