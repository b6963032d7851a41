export default {
	extends: 'stylelint-config-standard',
	rules: {
		'custom-property-empty-line-before': null,
		'declaration-empty-line-before': null,
		'rule-empty-line-before': null,
		'number-max-precision': null,
		'no-descending-specificity': null,
	},
};
