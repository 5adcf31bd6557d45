import { terminatedTest } from './terminated-test.ts';
import { withDatabase } from './with-database.ts';

withDatabase('connections that end', (url) => terminatedTest(url, 150));
