import { z } from 'zod';
import { durationField } from '../duration.ts';
import { localReference, nameField } from '../references.ts';
import { rules } from '../structural-schema.ts';

export const approval = z
  .object({
    policy: z.enum(['Required', 'NotRequired']).default('Required').describe('Required: after its last step a release waits for the intent Promote before it takes all the traffic.'),
    timeout: durationField('rollout.approval.timeout', { min: '10s', max: '720h' }).default('24h').describe('Longest wait for the answer.'),
    onTimeout: z.enum(['RollBack', 'Promote']).default('RollBack').describe('What becomes of a release that nobody answered for.'),
  })
  .describe('Whether a person must agree before a release takes all the traffic.');

/** One field of a cron expression: values, ranges and steps, with commas between. */
function cronField(value: string, more = ''): string {
  const part = `(([*?]|${value}-${value})(/[1-9][0-9]?)?|${value})`;
  const either = `(${part}${more})`;
  return `${either}(,${either})*`;
}

/** Any of these words in letters of either case; RE2 and older JavaScript have no common way to say so. */
function words(...upperCase: readonly string[]): string {
  return upperCase.map((word) => word.replace(/[A-Z]/g, (letter) => `[${letter}${letter.toLowerCase()}]`)).join('|');
}

const month = `(0?[1-9]|1[0-2]|${words('JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC')})`;
const weekday = `(0?[0-7]|${words('SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT')})`;
const last = words('L');

/** RE2 as JavaScript reads it too. Days that no month has are left to the operator. */
export const schedulePattern = `^${[
  cronField('[0-5]?[0-9]'),
  cronField('([01]?[0-9]|2[0-3])'),
  cronField('(0?[1-9]|[12][0-9]|3[01])', `|(${last}|((${last})|0?[1-9]|[12][0-9]|3[01])${words('W')})`),
  cronField(month),
  cronField(weekday, `|${weekday}(#([1-5]|${last})|${last})`),
].join(' +')}$`;

const timeZoneFix = 'rollout.freezes[].timeZone must be a name of the time zone database, for example "Europe/Berlin"';
/** The API server has the time zone database: a name that is not in it is an error of the expression, which names it. */
const knownTimeZone = "timestamp('2026-01-01T00:00:00Z').getHours(self) >= 0";

const freeze = z
  .object({
    name: nameField('rollout.freezes[].name').describe('Name of the window; unique in the list, and named in messages.'),
    schedule: z
      .string()
      .min(9)
      .max(128)
      .meta(
        rules({
          rule: `self.matches('${schedulePattern}')`,
          message: 'rollout.freezes[].schedule must be a cron expression of five fields (minute 0-59, hour 0-23, day of month 1-31, month 1-12 or JAN-DEC, day of week 0-7 or SUN-SAT), for example "0 16 * * FRI"',
        }),
      )
      .describe('When the window begins: minute, hour, day of month, month, day of week.'),
    duration: durationField('rollout.freezes[].duration', { min: '1m', max: '2160h' }).describe('How long it lasts.'),
    timeZone: z
      .string()
      .min(1)
      .max(64)
      .meta(
        rules(
          { rule: "self.matches('^[A-Za-z_]+(/[-+0-9A-Za-z_]+)*$')", message: timeZoneFix },
          { rule: knownTimeZone, message: timeZoneFix },
        ),
      )
      .default('UTC')
      .describe('The time zone of the schedule, for example "Europe/Berlin"; daylight saving time is observed.'),
  })
  .describe('A time in which releases neither begin nor take more traffic. Rolling back is always possible.');

export const freezes = z.array(freeze).max(16).meta({ k8s: { 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['name'] } });

export const dependencies = z
  .array(localReference('rollout.dependsOn[]', 'AgentDeployment').describe('An agent of the same namespace.'))
  .max(16)
  .meta({ k8s: { 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['name'] } });

const headerName = (field: string) =>
  z
    .string()
    .min(1)
    .max(64)
    .meta(rules({ rule: "self.matches('^[A-Za-z0-9][-A-Za-z0-9]*$')", message: `${field} must be letters, digits and "-", for example "x-sluice-revision"` }));

export const stickiness = z
  .object({
    header: headerName('rollout.stickiness.header').optional().describe('A request with this header goes to the revision that its value names.'),
    cookie: headerName('rollout.stickiness.cookie').optional().describe('A request with this cookie goes to the revision that its value names; answers set it.'),
  })
  .meta(rules({ rule: 'has(self.header) || has(self.cookie)', message: 'rollout.stickiness needs header, cookie or both; without either it would pin nothing' }))
  .describe('Keeps a session on the revision that it began with, for as long as that revision takes traffic.');

export type Approval = z.infer<typeof approval>;
export type FreezeWindow = z.infer<typeof freeze>;
export type Stickiness = z.infer<typeof stickiness>;
