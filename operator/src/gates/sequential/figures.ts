import { decimal } from '../wording.ts';

/** Evidence beyond this is told as this: nobody asks how much more it is. */
const mostTold = 1e6;

/** Evidence for people. Ten times what decides, or more, is as good as any number: "over 1,000". */
export function evidenceText(evidence: number, needed: number): string {
  if (evidence < 1000) return evidence > 0 && evidence < 0.001 ? 'under 0.001' : decimal(evidence, evidence < 1 ? 3 : 1);
  return evidence < 10 * needed ? limitText(evidence) : `over ${grouped(Math.min(mostTold, 10 ** Math.floor(Math.log10(evidence))))}`;
}

/** What evidence must reach. */
export function limitText(needed: number): string {
  return needed < 1000 ? decimal(needed, 1) : grouped(Math.round(needed));
}

/** A chance for people: 0.025, "1 in 12,000". */
export function chanceText(chance: number): string {
  if (chance >= 0.001) return decimal(chance, 3);
  return chance * mostTold < 1 ? `less than 1 in ${grouped(mostTold)}` : `1 in ${grouped(Math.round(1 / chance))}`;
}

function grouped(whole: number): string {
  return String(whole).replaceAll(/\B(?=(\d{3})+$)/g, ',');
}
