import { mkdtempSync } from 'node:fs';
import { sameTables, leanTables, rawInserts } from './raw/raw-inserts.ts';
import { semelInserts, perMessage, asSet } from './semel/semel-inserts.ts';
import { keyedReceipts } from './messages.ts';
import { runRound, median } from './measure.ts';
if (process.env['CPU']) performance.now = () => { const u = process.cpuUsage(); return (u.user + u.system) / 1000; };
const folder = mkdtempSync(`${process.env['BD'] ?? '/tmp'}/bench-`);
const all = { raw1: rawInserts(1, sameTables), semel1: semelInserts(perMessage({ group: false })), raw100: rawInserts(100, sameTables), lean100: rawInserts(100, leanTables), semel100: semelInserts(perMessage({ group: true })), set100: semelInserts(asSet), keyed100: semelInserts(perMessage({ group: true, into: keyedReceipts })) };
const pick = Object.fromEntries(Object.entries(all).filter(([n]) => !process.argv[2] || new RegExp(process.argv[2]).test(n)));
const rounds = [];
for (let i = 0; i < Number(process.argv[3] ?? 5); i++) rounds.push(await runRound(pick, folder, Number(process.argv[4] ?? 400), i));
for (const n of Object.keys(pick)) { const m = median(rounds.map((r) => r[n]!)); console.log(n.padEnd(10), m.toFixed(0), (1e6 / m).toFixed(2), 'us', 'vs raw100', pick.raw100 ? median(rounds.map((r) => r[n]! / r.raw100!)).toFixed(2) : '', 'vs raw1', pick.raw1 ? median(rounds.map((r) => r[n]! / r.raw1!)).toFixed(2) : ''); }
