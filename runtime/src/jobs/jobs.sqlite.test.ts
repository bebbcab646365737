import { openSqliteRig } from '../store/testing/database-rig.ts';
import { describeJobStore } from './testing/job-contract.ts';

describeJobStore('SQLite', openSqliteRig);
