/** Colours of points: kinds far apart in hue, scales even in lightness (both by OKLCH, Ottosson 2020). */

/** An OKLCH colour as #rrggbb. */
function oklch(lightness: number, chroma: number, hue: number): string {
  const [a, b] = [chroma * Math.cos((hue * Math.PI) / 180), chroma * Math.sin((hue * Math.PI) / 180)];
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  const linear = [4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s, -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s, -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s];
  const byte = (v: number) => Math.round(255 * Math.min(1, Math.max(0, v <= 0.0031308 ? 12.92 * v : 1.055 * v ** (1 / 2.4) - 0.055)));
  return `#${linear.map((v) => byte(v).toString(16).padStart(2, "0")).join("")}`;
}

/** The first kinds, by hand; later ones go on around the circle. */
const HUES = [265, 45, 165, 350, 95, 225, 20, 300, 130, 65, 195, 325];

/** Colours for so many kinds. */
export function kinds(count: number, dark: boolean): string[] {
  const colour = (i: number) => {
    const round = Math.floor(i / HUES.length);
    const hue = (HUES[i % HUES.length]! + round * 13) % 360;
    const light = (dark ? 0.72 : 0.58) + (round % 3) * (dark ? -0.1 : 0.1);
    return oklch(light, 0.145 - 0.03 * (round % 2), hue);
  };
  return Array.from({ length: count }, (_, i) => colour(i));
}

/** Colours for so many steps from little to much. */
export function steps(count: number, dark: boolean): string[] {
  const colour = (i: number) => {
    const t = count > 1 ? i / (count - 1) : 1;
    const light = dark ? 0.38 + 0.5 * t : 0.88 - 0.46 * t;
    return oklch(light, 0.06 + 0.11 * t, 250 - 215 * t * t);
  };
  return Array.from({ length: count }, (_, i) => colour(i));
}

/** The colour of points that have none. */
export function none(dark: boolean): string {
  return dark ? "#4b5263" : "#b9bfcb";
}

/** A colour as the three numbers of WebGL. */
export function rgba(hex: string, alpha = 1): [number, number, number, number] {
  const part = (at: number) => Number.parseInt(hex.slice(at, at + 2), 16) / 255;
  return [part(1), part(3), part(5), alpha];
}
