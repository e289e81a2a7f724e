interface SparklineProps {
  /** In order of time; null leaves a gap. */
  values: (number | null)[];
  label: string;
  width?: number;
  height?: number;
}

/** A line without axes: the shape of a series at a glance, and the chart of a reader without scripts. */
export function Sparkline({ values, label, width = 120, height = 24 }: SparklineProps) {
  return (
    <svg
      class="sparkline"
      viewBox={`0 0 ${width} ${height}`}
      role="img"
      aria-label={label}
      preserveAspectRatio="none"
    >
      <path d={linePath(values, width, height)} vector-effect="non-scaling-stroke" />
    </svg>
  );
}

/** SVG path of a series between 0 and its largest value. */
export function linePath(values: (number | null)[], width: number, height: number): string {
  const highest = Math.max(1, ...values.map((value) => value ?? 0));
  const stepX = values.length > 1 ? width / (values.length - 1) : 0;
  let isDown = false;
  const commands: string[] = [];
  values.forEach((value, index) => {
    if (value === null) {
      isDown = false;
      return;
    }
    const y = height - 1 - (value / highest) * (height - 2);
    commands.push(`${isDown ? "L" : "M"}${round(index * stepX)} ${round(y)}`);
    isDown = true;
  });
  return commands.join("");
}

const round = (value: number): number => Math.round(value * 10) / 10;
