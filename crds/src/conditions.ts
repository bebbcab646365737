import { z } from 'zod';

/** RFC 3339 UTC, seconds or milliseconds. */
export const timestamp = z.iso.datetime({ offset: false });

/** A Kubernetes condition (metav1.Condition). */
export const condition = z
  .object({
    type: z.string().min(1).max(316).describe('What the condition is about, for example "Ready".'),
    status: z.enum(['True', 'False', 'Unknown']).describe('Whether it holds.'),
    reason: z.string().min(1).max(1024).describe('A CamelCase word for programs.'),
    message: z.string().max(32_768).describe('A sentence for people.'),
    lastTransitionTime: timestamp.describe('When the status last changed.'),
    observedGeneration: z.int().min(0).optional().describe('The metadata.generation that the condition was computed from.'),
  })
  .describe('One condition of the object.');

/**
 * What the API server gives a new record of an attempt: whoever knows no more than observedGeneration takes it for one that is on its way, from
 * its first moment on. One that an older operator wrote has neither.
 */
export const unobserved = { observedGeneration: 0 } as const;

export const observedGeneration = z.int().min(0).optional();

export const conditions = z
  .array(condition)
  .max(16)
  .meta({ k8s: { 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['type'] } });

export type Condition = z.infer<typeof condition>;
