# Penalty-reward regression by lm with robust errors (sandwich), and gaps by t.test. Run: Rscript asymmetry.R > asymmetry.csv
# The answers are made by whole-number arithmetic, so that tests/test_asymmetry.py makes the same ones without R.
suppressPackageStartupMessages(library(sandwich))
i <- 0:399
a <- 1 + (i * 7 + (i * i) %% 11) %% 7
b <- 1 + (i * 5 + (i * i) %% 13) %% 7
y <- 4 - 1.5 * (a <= 2) + 0.5 * (b >= 6) - 0.3 * (b <= 2) + ((i * 37) %% 19 - 9) / 10 + (((i %/% 5) * 29) %% 17 - 8) / 8
d <- data.frame(y, a_low = a <= 2, a_high = a >= 6, b_low = b <= 2, b_high = b >= 6, customer = i %/% 5)
m <- lm(y ~ a_low + a_high + b_low + b_high, d)
show <- function(name, value) cat(sprintf("%s,%.15g\n", name, value))
cat("name,value\n")
for (kind in c("HC3", "cluster")) {
  v <- if (kind == "HC3") vcovHC(m, "HC3") else vcovCL(m, ~customer, type = "HC1")
  q <- if (kind == "HC3") qt(.975, 395) else qt(.975, 79)
  for (x in c("a", "b")) {
    k <- paste0(x, c("_lowTRUE", "_highTRUE"))
    est <- c(coef(m)[k], sum(coef(m)[k]))
    se <- c(sqrt(diag(v)[k]), sqrt(sum(v[k, k])))
    for (j in 1:3) {
      what <- c("penalty", "reward", "asymmetry")[j]
      show(paste(kind, x, what, sep = "."), est[j])
      show(paste(kind, x, what, "low", sep = "."), est[j] - q * se[j])
      show(paste(kind, x, what, "high", sep = "."), est[j] + q * se[j])
    }
  }
}
g <- i %% 3 == 0
t1 <- t.test(y[!g], y[g])
show("welch.low", t1$conf.int[1]); show("welch.high", t1$conf.int[2])
u1 <- tapply(y[!g], d$customer[!g], mean); u2 <- tapply(y[g], d$customer[g], mean)
both <- intersect(names(u1), names(u2))
t2 <- t.test(u1[both], u2[both], paired = TRUE)
show("units.estimate", unname(t2$estimate)); show("units.low", t2$conf.int[1]); show("units.high", t2$conf.int[2]); show("units.n", length(both))
gap <- lm(y ~ group, data.frame(y, group = as.numeric(!g)))  # customers less companies
gap_se <- sqrt(vcovCL(gap, d$customer, type = "HC1")[2, 2])
show("clustered.low", coef(gap)[2] - qt(.975, 79) * gap_se); show("clustered.high", coef(gap)[2] + qt(.975, 79) * gap_se)
show("kano.p", binom.test(34, 34 + 21)$p.value)
