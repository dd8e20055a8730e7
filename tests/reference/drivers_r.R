# Johnson's relative weights, coefficients with robust p-values, and the covariances of R's `swiss`. Run from the folder of this file:
# Rscript drivers_r.R > drivers_r.csv
# The rows are made by whole-number arithmetic, so that tests/test_drivers.py makes the same ones without R.
suppressPackageStartupMessages({library(sandwich); library(lmtest)})
put <- function(name, values) for (k in seq_along(values)) cat(sprintf("%s.%d,%.17g\n", name, k - 1, values[k]))
cat("name,value\n")
put("swiss", as.vector(cov(swiss)))  # Fertility is the first of six
johnson <- function(r) {  # outcome first; Johnson 2000
  e <- eigen(r[-1, -1]); root <- e$vectors %*% diag(sqrt(e$values)) %*% t(e$vectors)
  as.vector(root^2 %*% (solve(root) %*% r[-1, 1])^2)
}
put("swiss.johnson", johnson(cor(swiss)))
i <- 0:199
d <- data.frame(a = (i * 7 + (i * i) %% 13) %% 7 + 1, b = (i * i * 3 + i) %% 11, c = (i * 5 + (i * i) %% 17) %% 23 / 10,
                k = i %/% 7, w = 1 + (i * 11) %% 5)
d$y <- 2 * d$a + d$b - 3 * d$c + (i * 37 + (i * i * i) %% 29) %% 19 + (d$k * 5) %% 9
free <- lm(y ~ a + b + c, d); weighted <- lm(y ~ a + b + c, d, weights = w); clusters <- length(unique(d$k))
put("johnson", johnson(cor(d[c("y", "a", "b", "c")])))
put("coefficient", coef(free)[-1]); put("coefficient.w", coef(weighted)[-1])
put("p", coeftest(free, vcovHC(free, "HC3"))[-1, 4]); put("p.w", coeftest(weighted, vcovHC(weighted, "HC3"))[-1, 4])
put("p.k", coeftest(free, vcovCL(free, ~k, type = "HC1"), df = clusters - 1)[-1, 4])
put("p.wk", coeftest(weighted, vcovCL(weighted, ~k, type = "HC1"), df = clusters - 1)[-1, 4])
put("r2", c(summary(free)$r.squared, summary(weighted)$r.squared))
# LMG by lm() in every order of three drivers; without weights and with them
orders <- list(c("a", "b", "c"), c("a", "c", "b"), c("b", "a", "c"), c("b", "c", "a"), c("c", "a", "b"), c("c", "b", "a"))
explained <- function(names, data) summary(lm(reformulate(c("1", names), "y"), data, weights = w))$r.squared
added <- function(order, data) sapply(c("a", "b", "c"), function(x) {
  before <- order[seq_len(match(x, order) - 1)]
  explained(c(before, x), data) - explained(before, data)
})
put("lmg", rowMeans(sapply(orders, added, data = transform(d, w = 1))))
put("lmg.w", rowMeans(sapply(orders, added, data = d)))
