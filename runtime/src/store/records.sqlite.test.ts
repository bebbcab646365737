import { openSqliteRig } from './testing/database-rig.ts';
import { describeRecords } from './testing/record-contract.ts';

describeRecords('SQLite', openSqliteRig);
