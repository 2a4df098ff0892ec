"use strict";
// Draws every [data-chart] on canvas. Colours come from app.css, so that they follow the theme.
(() => {
  const BAR_HEIGHT = 30; // px a category of a horizontal chart, more where its name takes several lines
  const LINE_HEIGHT = 15; // px
  const places = [...document.querySelectorAll("[data-chart]")];

  const format = (series, language) => {
    const options = series.share ? { style: "percent", maximumFractionDigits: 1 } : { maximumFractionDigits: 2 };
    const numbers = new Intl.NumberFormat(language, options);
    const unit = series.unit ? ` ${series.unit}` : "";
    return (value) => (value === null || value === undefined ? "–" : numbers.format(value) + unit);
  };

  const colours = () => {
    const styles = getComputedStyle(document.documentElement);
    const read = (name) => styles.getPropertyValue(name).trim();
    return {
      series: [1, 2, 3, 4, 5, 6, 7, 8].map((number) => read(`--chart-${number}`)),
      text: read("--bs-body-color"),
      line: read("--bs-border-color"),
      surface: read("--surface"),
      font: getComputedStyle(document.body).fontFamily,
    };
  };

  // Thai writes words together, so the browser's dictionary says where a long name may be broken.
  const wrap = (text, width, language, font) => {
    const pen = document.createElement("canvas").getContext("2d");
    pen.font = `13px ${font}`;
    const words = Intl.Segmenter
      ? [...new Intl.Segmenter(language, { granularity: "word" }).segment(text)].map((part) => part.segment)
      : text.split(/(?<= )/);
    const lines = [""];
    for (const word of words) {
      if (lines.at(-1).trim() && pen.measureText(lines.at(-1) + word).width > width) {
        lines.push("");
      }
      lines[lines.length - 1] += word;
    }
    return lines.map((line) => line.trim());
  };

  // How wide the labels of a value axis may be: as its longest whole number, or as a hundred percent.
  const valueWidth = (data, language, font) => {
    const pen = document.createElement("canvas").getContext("2d");
    pen.font = `13px ${font}`;
    const whole = (value) => Math.ceil(value ?? 0).toLocaleString(language);
    const texts = data.series.flatMap((series) => (series.share ? ["100%"] : series.values.map(whole)));
    return Math.max(36, ...texts.map((text) => pen.measureText(text).width));
  };

  const lies = (data) => data.form === "bar" || data.form === "stacked_bar";

  const labelWidth = (room) => Math.min(250, room * 0.42);

  const describe = (data, language, room) => {
    const tones = colours();
    const horizontal = lies(data);
    const words = data.series.map((series) => format(series, language));
    const share = data.series.every((series) => series.share);
    const text = { color: tones.text, fontFamily: tones.font, fontSize: 13 };
    const categories = {
      type: "category",
      data: data.categories,
      inverse: horizontal,
      axisTick: { show: false },
      axisLine: { lineStyle: { color: tones.line } },
      axisLabel: horizontal
        ? { ...text, lineHeight: LINE_HEIGHT, interval: 0, formatter: (name) => wrap(name, labelWidth(room), language, tones.font).join("\n") }
        : { ...text, hideOverlap: true },
    };
    const values = {
      type: "value",
      name: data.axis,
      nameLocation: "middle",
      nameGap: horizontal ? 32 : valueWidth(data, language, tones.font) + 16,
      nameTextStyle: text,
      max: data.of_all ? (range) => Math.max(1, range.max) : null,
      splitLine: { lineStyle: { color: tones.line } },
      axisLabel: { ...text, hideOverlap: true, formatter: share ? words[0] : (value) => value.toLocaleString(language) },
    };
    return {
      animation: false,
      color: tones.series,
      textStyle: text,
      legend: { show: data.series.length > 1, type: "scroll", top: 0, textStyle: text },
      grid: {
        left: data.axis && !horizontal ? 28 : 8,
        right: 24,
        top: data.series.length > 1 ? 40 : 8,
        bottom: data.axis && horizontal ? 28 : 8,
        containLabel: true,
      },
      tooltip: {
        trigger: "axis",
        renderMode: "richText",
        confine: true,
        axisPointer: { type: "shadow" },
        backgroundColor: tones.surface,
        borderColor: tones.line,
        textStyle: text,
        formatter: (points) =>
          [points[0].name, ...points.map((point) => `${point.seriesName}: ${words[point.seriesIndex](point.value)}`)].join("\n"),
      },
      xAxis: horizontal ? values : categories,
      yAxis: horizontal ? categories : values,
      series: data.series.map((series) => ({
        name: series.name,
        type: data.form === "line" ? "line" : "bar",
        stack: data.form.startsWith("stacked") ? "all" : undefined,
        barMaxWidth: horizontal ? 18 : 40,
        data: series.values,
      })),
    };
  };

  const draw = (place) => {
    const data = JSON.parse(place.dataset.chart);
    if (lies(data)) {
      const font = getComputedStyle(document.body).fontFamily;
      const width = labelWidth(place.clientWidth);
      const lines = Math.max(1, ...data.categories.map((name) => wrap(name, width, place.dataset.language, font).length));
      const each = Math.max(BAR_HEIGHT, lines * LINE_HEIGHT + 6) * Math.max(1, data.form === "bar" ? data.series.length * 0.7 : 1);
      place.style.height = `${Math.max(8 * BAR_HEIGHT, data.categories.length * each) + 60}px`;
    }
    const chart = echarts.getInstanceByDom(place) || echarts.init(place, null, { renderer: "canvas" });
    chart.setOption(describe(data, place.dataset.language, place.clientWidth), true);
    return chart;
  };

  document.fonts.ready.then(() => {
    for (const place of places) {
      new ResizeObserver(() => draw(place).resize()).observe(place);
    }
  });
  const redraw = () => places.forEach(draw);
  document.addEventListener("themechange", redraw);
})();
