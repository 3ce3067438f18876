package container

import (
	"fmt"
)

// check makes the Check of an option from what reads its value.
func check[T any](parse func(string) (T, error)) func(value string) error {
	return func(value string) error {
		_, err := parse(value)
		return err
	}
}

// checkQuoting is check for a parse whose errors do not have the value in them.
func checkQuoting[T any](parse func(string) (T, error)) func(value string) error {
	return func(value string) error {
		if _, err := parse(value); err != nil {
			return fmt.Errorf("%s: %w", value, err)
		}
		return nil
	}
}
