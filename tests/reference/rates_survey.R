# Weighted and clustered shares and NPS by R's `survey`, Wilson by `prop.test`, power by `power.prop.test`.
# Run from the folder of this file: Rscript rates_survey.R > rates_survey.csv
# The respondents are made by whole-number arithmetic, so that tests/test_rates.py makes the same ones without R.
suppressPackageStartupMessages(library(survey))
i <- 0:239
d <- data.frame(shop = (i * i + 3 * i) %% 17,
                score = (i * 37 + (i * i) %% 23 + (i * i + 3 * i) %% 17) %% 11,
                weight = 0.5 + ((i * 29) %% 31) / 16,
                yes = as.numeric((i * 13 + 5 * ((i * i + 3 * i) %% 17)) %% 7 < 3),
                region = ifelse(i %% 3 == 0, "north", "south"))
d$point <- 100 * ((d$score >= 9) - (d$score <= 6))

out <- function(name, value) cat(sprintf("%s,%.15g\n", name, value))
cat("name,value\n")
designs <- list(plain = svydesign(ids = ~1, weights = ~1, data = d),
                weighted = svydesign(ids = ~1, weights = ~weight, data = d),
                clustered = svydesign(ids = ~shop, weights = ~1, data = d),
                both = svydesign(ids = ~shop, weights = ~weight, data = d))
for (name in names(designs)) for (y in c("yes", "point")) {
  for (part in c("all", "north", "south")) {
    # a group is analysed as a sample of its own, as `by` does: its clusters are those found in it
    rows <- if (part == "all") rep(TRUE, nrow(d)) else d$region == part
    s <- d[rows, ]
    design <- svydesign(ids = if (name %in% c("clustered", "both")) ~shop else ~1,
                        weights = if (name %in% c("weighted", "both")) ~weight else ~1, data = s)
    m <- svymean(as.formula(paste0("~", y)), design)
    df <- length(unique(s$shop)) - 1
    ci <- confint(m, df = if (name %in% c("clustered", "both")) df else Inf)
    out(paste(name, y, part, "estimate", sep = "."), coef(m))
    out(paste(name, y, part, "se", sep = "."), SE(m))
    out(paste(name, y, part, "low", sep = "."), ci[1])
    out(paste(name, y, part, "high", sep = "."), ci[2])
  }
}
wilson <- function(k, n, level) prop.test(k, n, correct = FALSE, conf.level = level)$conf.int
for (w in list(c(81, 263, .95), c(15, 148, .95), c(0, 20, .95), c(7, 9, .8), c(30, 30, .99))) {
  ci <- wilson(w[1], w[2], w[3])
  name <- paste("wilson", w[1], w[2], 100 * w[3], sep = ".")
  out(paste0(name, ".low"), ci[1]); out(paste0(name, ".high"), ci[2])
}
out("power.n.50.60.80", power.prop.test(p1 = .5, p2 = .6, power = .8)$n)
out("power.n.10.5.90", power.prop.test(p1 = .1, p2 = .05, power = .9, sig.level = .1, tol = 1e-12)$n)
out("power.power.50.60.200", power.prop.test(p1 = .5, p2 = .6, n = 200)$power)
out("power.power.10.5.200", power.prop.test(p1 = .1, p2 = .05, n = 200)$power)
