# Reliability by R's `psych` (alpha, Feldt's interval, what each item does) and `lavaan` (one factor by maximum likelihood, for omega).
# Run from the folder of this file: Rscript scales.R > scales.csv
# The respondents are made by whole-number arithmetic, so that tests/test_scales.py makes the same ones without R. Of psych's `bfi` data only
# the covariances of five items, and how many people they come from, are written down.
suppressPackageStartupMessages({library(psych); library(lavaan)})
out <- function(...) { a <- list(...); cat(sprintf("%s,%.15g\n", paste(a[-length(a)], collapse = "."), a[[length(a)]])) }

i <- 0:239
mood <- (i * 37 + (i * i) %% 23) %% 11 - 5
x <- sapply(1:5, function(j) {
  noise <- (i * (13 + 2 * j) + i * i * (j + 3)) %% (5 + 2 * j) - (2 + j)
  answer <- pmin(7, pmax(1, 4 + (mood * (7 - j) + 3 * noise) %/% 8))
  if (j == 2) 8 - answer else answer
})
colnames(x) <- paste0("q", 1:5)
empty <- i[(i * 7) %% 31 == 0]
x[cbind(1 + empty, 1 + empty %% 5)] <- NA
keyed <- x; keyed[, 2] <- 8 - keyed[, 2]
whole <- keyed[complete.cases(keyed), ]

factor_of <- function(S, n) {
  items <- colnames(S)
  free <- paste0(items, " ~~ u", seq_along(items), " * ", items, collapse = "\n")
  model <- paste0("f =~ ", paste0("l", seq_along(items), " * ", items, collapse = " + "), "\n", free)
  fit <- suppressWarnings(cfa(model, sample.cov = S, sample.nobs = n, sample.cov.rescale = FALSE, std.lv = TRUE, auto.fix.first = FALSE,
                              optim.method = "BFGS", control = list(reltol = 1e-16, maxit = 10000)))
  coef(fit)[c(paste0("l", seq_along(items)), paste0("u", seq_along(items)))]
}
omega_of <- function(S, n) {
  p <- factor_of(S, n); k <- ncol(S)
  sum(p[1:k])^2 / (sum(p[1:k])^2 + sum(p[k + 1:k]))
}
both <- function(name, S, n) {
  k <- ncol(S)
  a <- k / (k - 1) * (1 - sum(diag(S)) / sum(S))
  out(name, "n", n); out(name, "alpha", psych::alpha(S, n.obs = n)$total$raw_alpha)
  ci <- alpha.ci(a, n.obs = n, n.var = k)
  out(name, "low", ci$lower.ci); out(name, "high", ci$upper.ci)
  ci <- alpha.ci(a, n.obs = n, n.var = k, p.val = .2)
  out(name, "low80", ci$lower.ci); out(name, "high80", ci$upper.ci)
  out(name, "omega", omega_of(S, n)); out(name, "omega_standard", omega_of(cov2cor(S), n))
}
cat("name,value\n")

agree <- bfi[, 1:5]; agree$A1 <- 7 - agree$A1
agree <- agree[complete.cases(agree), ]
S <- cov(agree)
for (a in 1:5) for (b in 1:a) out("bfi", "covariance", a, b, S[a, b])
both("bfi", S, nrow(agree))

both("listwise", cov(whole), nrow(whole))
pairs <- crossprod(!is.na(keyed))
both("pairwise", cov(keyed, use = "pairwise"), mean(pairs[lower.tri(pairs)]))
found <- psych::alpha(as.data.frame(whole))
for (item in colnames(x)) {
  out("item", item, "item_rest", found$item.stats[item, "r.drop"])
  out("item", item, "alpha_without", found$alpha.drop[item, "raw_alpha"])
  out("item", item, "n", sum(!is.na(keyed[, item])))
  out("item", item, "mean", mean(keyed[, item], na.rm = TRUE)); out("item", item, "sd", sd(keyed[, item], na.rm = TRUE))
  out("item", item, "share_low", mean(keyed[, item] == 1, na.rm = TRUE)); out("item", item, "share_high", mean(keyed[, item] == 7, na.rm = TRUE))
}

# a uniqueness below 0, which lavaan reports as such: loadings, then uniquenesses
S <- diag(4); S[lower.tri(S)] <- c(.8, .7, .75, .45, .5, .45); S <- S + t(S) - diag(4); dimnames(S) <- list(paste0("h", 1:4), paste0("h", 1:4))
p <- factor_of(S, 200)
for (a in 1:8) out("heywood", a, p[a])
