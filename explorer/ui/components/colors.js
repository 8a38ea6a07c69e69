// Colours for amounts.

// As in the app's own sequential palette.
export const VIRIDIS = ["#440154", "#482878", "#3e4a89", "#31688e", "#26828e", "#1f9e89", "#35b779", "#6ece58", "#b5de2b", "#fde725"];
const STEPS = VIRIDIS.map((colour) => [1, 3, 5].map((from) => parseInt(colour.slice(from, from + 2), 16)));

// Red, green and blue for a share from 0 to 1.
export function viridis(share) {
  const at = Math.min(1, Math.max(0, share)) * (STEPS.length - 1), low = Math.min(STEPS.length - 2, Math.floor(at));
  return STEPS[low].map((part, channel) => Math.round(part + (STEPS[low + 1][channel] - part) * (at - low)));
}
