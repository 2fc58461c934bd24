// Package cron stands in for the autoscaler's schedules.
package cron

import (
	"errors"
	"time"
)

type Schedule struct{}

func (Schedule) Contains(time.Time) bool { return false }

func Parse(string, string) (Schedule, error) {
	return Schedule{}, errors.New("autoscaling is not part of this program")
}
