import type { Migration } from './migration.ts';

/** Of a reservation for what was not begun: it is given back when it lapses. Null in what older versions write, and charged in full. */
export const unsentReservationsMigration: Migration = {
  version: 10,
  name: 'unsent reservations',
  statements: () => ['ALTER TABLE budget_reservations ADD COLUMN unsent BOOLEAN'],
};
