import { closeSync, fdatasyncSync, openSync, rmSync, writeSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, totalmem } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { percentile } from './percentile.ts';

/** What the figures were taken on. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGb: number;
  readonly platform: string;
  readonly node: string;
  readonly sqlite: string;
  /** The version of the server, where the suite had one. */
  readonly postgres?: string;
  /** The state before the measurements, oldest first. */
  readonly probes: readonly Probe[];
}

/** How busy the machine was just before a measurement. */
export interface Probe {
  /** Share of the processors' time that was idle, 0 to 1. */
  readonly idle: number;
  /** Load average of the last minute. */
  readonly load: number;
  /** A write of 8 KB and its fdatasync, in microseconds. */
  readonly syncP50Us: number;
  readonly syncP90Us: number;
}

/** The machine, with the probes taken on it. */
export function machineOf(probes: readonly Probe[], postgres?: string): Machine {
  return {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    memoryGb: Math.round(totalmem() / 2 ** 30),
    platform: `${process.platform} ${process.arch}`,
    node: process.versions.node,
    sqlite: process.versions['sqlite'] ?? 'unknown',
    ...(postgres === undefined ? {} : { postgres }),
    probes,
  };
}

/** Looks how busy processors and disk are; takes about a quarter of a second. */
export async function probe(folder: string): Promise<Probe> {
  const before = processorTimes();
  await sleep(200);
  const after = processorTimes();
  const syncUs = syncTimesUs(join(folder, 'probe'));
  return {
    idle: round((after.idle - before.idle) / Math.max(1, after.all - before.all)),
    load: round(loadavg()[0] ?? 0),
    syncP50Us: Math.round(percentile(syncUs, 0.5)),
    syncP90Us: Math.round(percentile(syncUs, 0.9)),
  };
}

/** Whether processors and disk were nearly idle. */
export function isQuiet({ idle, syncP90Us }: Probe): boolean {
  return idle >= 0.7 && syncP90Us < 400;
}

function processorTimes(): { readonly idle: number; readonly all: number } {
  let idle = 0;
  let all = 0;
  for (const { times } of cpus()) {
    idle += times.idle;
    all += times.user + times.nice + times.sys + times.idle + times.irq;
  }
  return { idle, all };
}

const PAGES = 64;
const PAGE = Buffer.alloc(8192, 1);

/** Overwrites in place, as a log that was written before is: growing a file costs a journal entry of the file system. */
function syncTimesUs(path: string): readonly number[] {
  const file = openSync(path, 'w');
  try {
    for (let page = 0; page < PAGES; page++) writeSync(file, PAGE, 0, PAGE.length, page * PAGE.length);
    fdatasyncSync(file);
    return Array.from({ length: PAGES }, (_, page) => {
      const startMs = performance.now();
      writeSync(file, PAGE, 0, PAGE.length, page * PAGE.length);
      fdatasyncSync(file);
      return (performance.now() - startMs) * 1000;
    });
  } finally {
    closeSync(file);
    rmSync(path);
  }
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
