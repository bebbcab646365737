import { mixSchema, type Mix } from './mix.ts';

/** Order numbers from 1001 on, so that a service which fails for some orders fails for some of these. */
const ORDERS = Array.from({ length: 40 }, (_, index) => 1001 + index);

/** A support desk: questions that the system prompt answers, and order questions that need a tool. */
export const builtInMix: Mix = mixSchema.parse({
  entries: [
    { text: 'How do refunds work?', weight: 20 },
    { text: 'Can I still get a refund for something I bought three weeks ago?', weight: 10 },
    { text: 'How long does standard shipping take?', weight: 15 },
    { text: 'When is support open?', weight: 5 },
    { text: 'How long is the warranty?', weight: 10 },
    ...ORDERS.map((order) => ({ text: `Where is my order ${order}?`, weight: 1 })),
  ],
});
