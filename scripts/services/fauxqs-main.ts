/** `fauxqs-main.ts <options>`: starts a fauxqs. Its own programs either log every request or keep nothing. */
import { startFauxqs } from 'fauxqs';

await startFauxqs(JSON.parse(process.argv[2] ?? '{}'));
